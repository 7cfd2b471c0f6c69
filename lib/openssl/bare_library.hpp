#pragma once
// A library context of OpenSSL's in which there is nothing but SHA-1. A certificate parsed in it is
// parsed as ever, except that its public key stays undecoded: of parsing, finding a decoder takes
// nine tenths.

#include "openssl/handles.hpp"

#include <openssl/provider.h>

namespace arbortls::openssl {

class BareLibrary {
 public:
  BareLibrary();

  // Null where it could not be made.
  OSSL_LIB_CTX* get() const noexcept { return provider_ ? library_.get() : nullptr; }

 private:
  Handle<OSSL_LIB_CTX, OSSL_LIB_CTX_free> library_;
  Handle<OSSL_PROVIDER, OSSL_PROVIDER_unload> provider_;
};

}  // namespace arbortls::openssl
