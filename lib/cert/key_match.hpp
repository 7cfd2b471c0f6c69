#pragma once
// Whether a certificate is a key's own.

#include "cert/key_read.hpp"
#include "cert/parsed.hpp"

namespace arbortls::cert {

// Its public key is the key's. What is told by comparing bytes needs no decoding of the
// certificate's key; any other is completed and judged by OpenSSL. Errors as of `complete`.
Result<bool> bears_key(ParsedPtr& certificate, const PrivateKey& key);

}  // namespace arbortls::cert
