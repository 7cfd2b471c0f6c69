#pragma once
// A look into any PEM, DER, PKCS#7 or PKCS#12 bytes, for `arbortls cert inspect`; never shows key material.

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
  std::string pin;  // base64 of the SHA-256 of its SubjectPublicKeyInfo, as client apps pin it (RFC 7469)
};

struct InspectedKey {
  std::string type;
  int bits = 0;
  std::string spki_sha256;
  bool encrypted = false;  // and could not be opened: only this is known
  std::string pin{};       // as of a certificate
  bool matches = false;    // a certificate in the same input
};

// From a server's certificate upwards.
struct InspectedChain {
  std::string leaf;                  // subject
  std::vector<std::string> members;  // subjects, from the leaf's issuer upwards, the root left out
  std::string end;                   // what stands above, or is missing, as a sentence
  bool complete = false;             // up to a root that stands in the input or that this machine trusts
};

struct Inspected {
  std::string format;  // "PEM", "DER", "PKCS#7", "PKCS#12"
  std::vector<InspectedCertificate> certificates;
  std::vector<InspectedKey> keys;
  std::vector<InspectedChain> chains;
  std::vector<std::string> problems;  // why `load_pem` would refuse it as a certificate_pem, and its warnings
  bool usable = false;                // as a certificate_pem
};

// `file` is where the bytes stand, for advice.
Result<Inspected> inspect(std::string_view bytes, const std::string& passphrase, std::int64_t now,
                          std::string_view file = {});

// One certificate_pem text out of a key file's, a certificate file's and CA files' bytes, each PEM, DER or PKCS#7 (or
// one PKCS#12 as the key): key, leaf, chain in order; checked as load_pem checks.
Result<std::string> bundle(const std::vector<std::string>& inputs, const std::string& passphrase,
                           std::int64_t now);

}  // namespace arbortls::cert
