#pragma once
// All keys and certificates of a text, parsed one by one but not yet put together.

#include "base/result.hpp"
#include "cert/desk.hpp"
#include "cert/key_read.hpp"
#include "cert/parsed.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::cert {

struct Material {
  std::vector<PrivateKey> keys;
  std::vector<ParsedPtr> certificates;
  std::vector<std::string> warnings;
};

// Adds what a PEM text holds. Repeated keys and certificates are taken once. Errors hold every
// reason, "; " between.
Result<void> add_pem(Material& material, std::string_view text, const std::string& passphrase,
                     Desk& desk);

// Adds one block; kinds that are of no use here are passed over, with a warning.
Result<void> add_block(Material& material, const PemBlock& block, const std::string& passphrase,
                       Desk& desk);

// DER of exactly one X.509 certificate, parsed lightly unless it is remembered.
Result<ParsedPtr> read_certificate_der(const Bytes& der, Desk& desk);

// Errors: more keys or certificates than any server has.
Result<void> add_key(Material& material, PrivateKey key);
Result<void> add_certificate(Material& material, ParsedPtr certificate);
Result<void> add_x509(Material& material, X509* x509, Desk& desk);
Result<void> add_all(Material& material, Material more);

}  // namespace arbortls::cert
