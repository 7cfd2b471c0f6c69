#pragma once
// All keys and certificates of a text, parsed one by one but not yet put together.

#include "base/result.hpp"
#include "cert/key_read.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::cert {

struct ParsedCertificate {
  openssl::X509Ptr x509;
  Bytes der;  // without the trust settings of a TRUSTED CERTIFICATE
};

struct Material {
  std::vector<PrivateKey> keys;
  std::vector<ParsedCertificate> certificates;
  std::vector<std::string> warnings;
};

// Adds what a PEM text holds. Repeated keys and certificates are taken once. Errors hold every
// reason, "; " between.
Result<void> add_pem(Material& material, std::string_view text, const std::string& passphrase);

// Adds one block; kinds that are of no use here are passed over, with a warning.
Result<void> add_block(Material& material, const PemBlock& block, const std::string& passphrase);

// DER of exactly one X.509 certificate.
Result<ParsedCertificate> read_certificate_der(Bytes der);

void add_key(Material& material, PrivateKey key);
void add_certificate(Material& material, ParsedCertificate certificate);

}  // namespace arbortls::cert
