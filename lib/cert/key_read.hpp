#pragma once
// One private key out of one PEM block or DER, decrypted where need be.

#include "base/result.hpp"
#include "cert/certificate.hpp"
#include "cert/key_numbers.hpp"
#include "cert/pem_blocks.hpp"
#include "cert/tools.hpp"
#include "openssl/handles.hpp"

#include <optional>
#include <string>

namespace arbortls::cert {

struct PrivateKey {
  PrivateKey(openssl::EvpPkeyPtr key, KeyType type);

  openssl::EvpPkeyPtr key;
  KeyType type;
  std::optional<EcNumbers> ec;        // of a key on a curve that has a name
  std::optional<RsaNumbers> rsa;      // of an RSA key of either kind
  std::optional<SecretBytes> stored;  // what i2d_PrivateKey writes, where it was read so
};

bool is_key_label(std::string_view label) noexcept;

// Errors are reasons without a place: "wrong passphrase", "the key is damaged (...)". The strength
// is not judged here.
Result<PrivateKey> read_key(const PemBlock& block, const std::string& passphrase, Tools& tools);

// PKCS#8 or type-specific, not encrypted.
Result<PrivateKey> read_key_der(const Bytes& der, Tools& tools);

// As read_key_der, or encrypted PKCS#8.
Result<PrivateKey> read_any_key_der(const Bytes& der, const std::string& passphrase, Tools& tools);

// What i2d_PrivateKey writes.
SecretBytes key_to_der(const PrivateKey& key);

// Nothing for a kind of key that no TLS server certificate can have.
std::optional<KeyType> type_of(const EVP_PKEY* key) noexcept;

}  // namespace arbortls::cert
