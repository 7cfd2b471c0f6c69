#include "openssl/legacy_library.hpp"

#include <openssl/err.h>

namespace arbortls::openssl {

LegacyLibrary::LegacyLibrary() : library_(OSSL_LIB_CTX_new()) {
  if (!library_) return;
  default_.reset(OSSL_PROVIDER_load(library_.get(), "default"));
  legacy_.reset(OSSL_PROVIDER_load(library_.get(), "legacy"));
  ERR_clear_error();
}

}  // namespace arbortls::openssl
