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

struct RsaNumbers {
  openssl::BnPtr n, e, d;
  openssl::BnPtr p, q;       // null where the key has none
  bool more_primes = false;  // than two
};

// Nothing for any other key.
std::optional<RsaNumbers> rsa_numbers(const EVP_PKEY* key);

// RSAPublicKey (RFC 8017), as a certificate holds it.
Bytes rsa_public_key(const RsaNumbers& numbers);

}  // namespace arbortls::cert
