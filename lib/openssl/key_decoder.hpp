#pragma once
// One kind of private key out of DER, time and again: what OpenSSL needs for it is looked up once.
// For one thread at a time.

#include "openssl/handles.hpp"

#include <openssl/decoder.h>

#include <span>

namespace arbortls::openssl {

class KeyDecoder {
 public:
  // Both as OpenSSL names them: "RSA", "EC" and so on; "PrivateKeyInfo" or "type-specific".
  KeyDecoder(const char* type, const char* structure);
  KeyDecoder(const KeyDecoder&) = delete;  // OpenSSL keeps the address of key_
  KeyDecoder& operator=(const KeyDecoder&) = delete;

  // Null, with nothing in the error queue, unless the key is exactly all of `der`.
  EvpPkeyPtr decode(std::span<const unsigned char> der);

 private:
  EVP_PKEY* key_ = nullptr;
  Handle<OSSL_DECODER_CTX, OSSL_DECODER_CTX_free> context_;
};

}  // namespace arbortls::openssl
