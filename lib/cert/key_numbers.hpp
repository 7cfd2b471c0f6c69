#pragma once
// The numbers of a private key, taken out once, and what they look like in DER and in a
// certificate.

#include "cert/certificate.hpp"
#include "openssl/handles.hpp"

#include <optional>

namespace arbortls::cert {

struct EcNumbers {
  int curve = 0;       // NID
  Bytes point;         // the public point as a certificate holds it
  SecretBytes secret;  // big-endian, as long as the curve's order
};

// Nothing for any other key, a curve without a name or one that is spelled out.
std::optional<EcNumbers> ec_numbers(const EVP_PKEY* key);

// ECPrivateKey with its curve and its public point (RFC 5915), as i2d_PrivateKey writes it.
SecretBytes ec_private_key(const EcNumbers& numbers);

// RSAPublicKey (RFC 8017), as a certificate holds it; empty for any other key.
Bytes rsa_public_key(const EVP_PKEY* key);

}  // namespace arbortls::cert
