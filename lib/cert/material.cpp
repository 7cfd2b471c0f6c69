#include "cert/material.hpp"

#include "cert/digest.hpp"
#include "cert/pkcs7_read.hpp"
#include "cert/reasons.hpp"

#include <algorithm>

namespace arbortls::cert {
namespace {

// No server has more; a text that does would only cost comparisons.
constexpr std::size_t most_keys = 16;
constexpr std::size_t most_certificates = 256;

bool is_certificate_label(std::string_view label) noexcept {
  return label == "CERTIFICATE" || label == "X509 CERTIFICATE" || label == "TRUSTED CERTIFICATE";
}

bool is_silent_label(std::string_view label) noexcept {
  return label == "EC PARAMETERS" || label == "DH PARAMETERS" || label == "X9.42 DH PARAMETERS" ||
         label == "PUBLIC KEY" || label == "CERTIFICATE REQUEST";
}

bool is_pkcs7_label(std::string_view label) noexcept {
  return label == "PKCS7" || label == "PKCS #7 SIGNED DATA" || label == "CMS";
}

Error nothing_found(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return error("the certificate text is empty");
  constexpr std::string_view base64_of_der = "MII";  // a SEQUENCE of more than 255 bytes
  if (text.substr(text.find_first_not_of(" \t\r\n")).starts_with(base64_of_der)) {
    return error("no PEM found: this looks like base64 whose BEGIN and END lines are missing");
  }
  return error("no PEM found: there is no BEGIN/END pair in the text");
}

// Empty if it cannot be encoded.
Bytes der_of(X509* x509) {
  unsigned char* out = nullptr;
  const int length = i2d_X509(x509, &out);
  if (length <= 0) return {};
  Bytes der(out, out + length);
  OPENSSL_free(out);
  return der;
}

Result<ParsedPtr> read_trusted(const Bytes& der, Desk& desk) {
  const unsigned char* at = der.data();
  openssl::X509Ptr x509(d2i_X509_AUX(nullptr, &at, static_cast<long>(der.size())));
  if (!x509 || at != der.data() + der.size()) return damaged_certificate();
  const Bytes plain = der_of(x509.get());
  if (plain.empty()) return damaged_certificate();
  return read_certificate_der(plain, desk);
}

Result<ParsedPtr> read_certificate(const PemBlock& block, Desk& desk) {
  const auto der = decode_base64(block.base64);
  if (!der || der->empty()) return error("a certificate is damaged (not base64)");
  if (block.label == "TRUSTED CERTIFICATE") return read_trusted(*der, desk);
  return read_certificate_der(*der, desk);
}

}  // namespace

Result<ParsedPtr> read_certificate_der(const Bytes& der, Desk& desk) {
  const Digest digest = sha256(der);
  if (auto known = desk.pool().find(digest)) return known;
  return parse_lightly(std::make_shared<const Bytes>(der.begin(), der.end()), digest, desk.tools());
}

Result<void> add_key(Material& material, PrivateKey key) {
  const bool known = std::any_of(material.keys.begin(), material.keys.end(), [&](const auto& k) {
    return k.type == key.type && EVP_PKEY_eq(k.key.get(), key.key.get()) == 1;
  });
  if (known) return {};
  if (material.keys.size() == most_keys) return error("too many private keys");
  material.keys.push_back(std::move(key));
  return {};
}

Result<void> add_certificate(Material& material, ParsedPtr certificate) {
  const auto& all = material.certificates;
  const bool known = std::any_of(
      all.begin(), all.end(), [&](const auto& c) { return c->sha256 == certificate->sha256; });
  if (known) return {};
  if (all.size() == most_certificates) return error("too many certificates");
  material.certificates.push_back(std::move(certificate));
  return {};
}

Result<void> add_x509(Material& material, X509* x509, Desk& desk) {
  const Bytes der = der_of(x509);
  if (der.empty()) return damaged_certificate();
  auto read = read_certificate_der(der, desk);
  if (!read) return read.error();
  return add_certificate(material, std::move(*read));
}

Result<void> add_all(Material& material, Material more) {
  for (auto& key : more.keys) {
    if (auto added = add_key(material, std::move(key)); !added) return added;
  }
  for (auto& certificate : more.certificates) {
    if (auto added = add_certificate(material, std::move(certificate)); !added) return added;
  }
  for (auto& warning : more.warnings) material.warnings.push_back(std::move(warning));
  return {};
}

Result<void> add_block(Material& material, const PemBlock& block, const std::string& passphrase,
                       Desk& desk) {
  if (is_key_label(block.label)) {
    auto key = read_key(block, passphrase, desk.tools());
    if (!key) return key.error();
    return add_key(material, std::move(*key));
  }
  if (is_certificate_label(block.label)) {
    auto certificate = read_certificate(block, desk);
    if (!certificate) return certificate.error();
    return add_certificate(material, std::move(*certificate));
  }
  if (is_pkcs7_label(block.label)) {
    const auto der = decode_base64(block.base64);
    if (!der || der->empty()) return error("a PKCS#7 is damaged (not base64)");
    return add_pkcs7(material, *der, desk);
  }
  if (!is_silent_label(block.label)) {
    material.warnings.push_back("a block " + std::string(block.label.substr(0, 40)) +
                                " is of no use here and is passed over");
  }
  return {};
}

Result<void> add_pem(Material& material, std::string_view text, const std::string& passphrase,
                     Desk& desk) {
  const auto found = find_pem_blocks(text);
  if (!found) return found.error();
  if (found->stray_end)
    material.warnings.emplace_back("an END line without its BEGIN line is passed over");
  if (found->blocks.empty()) return nothing_found(text);
  Reasons reasons;
  for (const PemBlock& block : found->blocks) {
    if (auto added = add_block(material, block, passphrase, desk); !added) {
      reasons.add("line " + std::to_string(line_of(text, block.offset)) + ": " +
                  added.error().message);
      if (reasons.size() >= Reasons::most) break;
    }
  }
  if (!reasons.empty()) return reasons.joined();
  return {};
}

}  // namespace arbortls::cert
