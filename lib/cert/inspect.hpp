#pragma once
// A look into any PEM, DER or PKCS#12 bytes, for `arbortls cert inspect`; never shows key material.

#include "base/result.hpp"
#include "cert/certificate.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::cert {

struct InspectedCertificate {
  std::string subject, issuer, serial, sha256, key_type, signature_algorithm;
  int key_bits = 0;
  std::int64_t not_before = 0, not_after = 0;
  std::vector<std::string> names;
  bool is_ca = false, self_signed = false, has_key = false /* a key in the same input matches */;
};

struct InspectedKey {
  std::string type;
  int bits = 0;
  std::string spki_sha256;
  bool encrypted = false;  // and could not be opened: only this is known
};

struct Inspected {
  std::string format;  // "PEM", "DER", "PKCS#12"
  std::vector<InspectedCertificate> certificates;
  std::vector<InspectedKey> keys;
  std::vector<std::string> problems;  // why `load_pem` would refuse it as a certificate_pem, and its warnings
  bool usable = false;                // as a certificate_pem
};

Result<Inspected> inspect(std::string_view bytes, const std::string& passphrase, std::int64_t now);

// One certificate_pem text out of a key file's, a certificate file's and CA files' bytes, each PEM or DER (or
// one PKCS#12 as the key): key, leaf, chain in order; checked as load_pem checks.
Result<std::string> bundle(const std::vector<std::string>& inputs, const std::string& passphrase,
                           std::int64_t now);

}  // namespace arbortls::cert
