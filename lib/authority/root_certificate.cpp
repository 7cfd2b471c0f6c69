#include "authority/root_certificate.hpp"

#include "authority/x509_facts.hpp"
#include "cert/checks.hpp"
#include "cert/digest.hpp"
#include "cert/material.hpp"
#include "cert/pem_write.hpp"

#include <openssl/err.h>
#include <openssl/sha.h>

namespace arbortls::authority {
namespace {

Result<cert::ParsedPtr> only_certificate(std::string_view bytes) {
  cert::Desk desk(nullptr);
  if (bytes.find("-----BEGIN ") == std::string_view::npos)
    return cert::read_certificate_der({bytes.begin(), bytes.end()}, desk);
  cert::Material material;
  if (const auto added = cert::add_pem(material, bytes, {}, desk); !added) return added.error();
  if (material.certificates.size() != 1) return error("exactly one certificate is expected");
  return std::move(material.certificates.front());
}

Result<cert::ParsedPtr> read_whole(std::string_view bytes) {
  auto parsed = only_certificate(bytes);
  if (!parsed) return parsed.error();
  if (const auto whole = cert::complete(*parsed); !whole) return whole.error();
  return parsed;
}

bool signed_by_itself(X509* x509) {
  const bool good = cert::is_self_signed(x509) && X509_verify(x509, X509_get0_pubkey(x509)) == 1;
  ERR_clear_error();
  return good;
}

bool may_sign_certificates(X509* x509) {
  return cert::is_ca(x509) && (X509_get_key_usage(x509) & KU_KEY_CERT_SIGN) != 0;
}

}  // namespace

std::string RootCertificate::pem() const { return cert::certificate_to_pem(der); }

Result<RootCertificate> read_root(std::string_view bytes) {
  ERR_clear_error();
  const auto parsed = read_whole(bytes);
  if (!parsed) return parsed.error();
  X509* x509 = (*parsed)->x509.get();
  if (!signed_by_itself(x509)) return error("it is not signed by its own key: not a root");
  if (!may_sign_certificates(x509)) return error("it is not a CA that may sign certificates");
  auto permitted = constraints_of(x509);
  if (!permitted) return permitted.error();
  RootCertificate root;
  root.der = *(*parsed)->der;
  root.sha256 = (*parsed)->sha256;
  SHA1(root.der.data(), root.der.size(), root.sha1.data());
  root.common_name = common_name_of(X509_get_subject_name(x509));
  root.serial = serial_of(x509);
  root.not_before = cert::unix_time(X509_get0_notBefore(x509));
  root.not_after = cert::unix_time(X509_get0_notAfter(x509));
  root.permitted = std::move(*permitted);
  return root;
}

std::string fingerprint_text(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    if (i != 0) text += ':';
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 15U];
  }
  return text;
}

}  // namespace arbortls::authority
