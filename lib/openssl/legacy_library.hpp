#pragma once
// A library context of OpenSSL's with the legacy provider beside the default one, for what old files
// are encrypted with. The process's own context stays without it.

#include "openssl/handles.hpp"

#include <openssl/provider.h>

namespace arbortls::openssl {

class LegacyLibrary {
 public:
  LegacyLibrary();

  // Null where the legacy provider is not installed.
  OSSL_LIB_CTX* get() const noexcept { return legacy_ && default_ ? library_.get() : nullptr; }

 private:
  using Provider = Handle<OSSL_PROVIDER, OSSL_PROVIDER_unload>;

  Handle<OSSL_LIB_CTX, OSSL_LIB_CTX_free> library_;
  Provider default_;
  Provider legacy_;
};

}  // namespace arbortls::openssl
