#include "cert/make.hpp"

#include "cert/certificate.hpp"
#include "cert/load.hpp"
#include "cert/names.hpp"
#include "cert/pem_write.hpp"
#include "openssl/handles.hpp"

#include <algorithm>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>

namespace arbortls::cert {
namespace {

using openssl::X509Ptr;

constexpr std::size_t max_common_name = 64;  // RFC 5280, ub-common-name

bool add_extension(X509* x509, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
  const openssl::X509ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(x509, extension.get(), -1) == 1;
}

std::string san_of(const std::vector<std::string>& names) {
  std::string san;
  for (const auto& name : names) {
    if (!san.empty()) san += ',';
    san += (is_ip_literal(name) ? "IP:" : "DNS:") + name;
  }
  return san;
}

bool set_subject(X509* x509, const std::vector<std::string>& names) {
  const auto fits = std::find_if(names.begin(), names.end(), [](const std::string& name) {
    return name.size() <= max_common_name;
  });
  X509_NAME* subject = X509_get_subject_name(x509);
  const std::string common = fits != names.end() ? *fits : "arbortls";
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common.data()),
                                    static_cast<int>(common.size()), -1, 0) == 1 &&
         X509_set_issuer_name(x509, subject) == 1;
}

// RFC 5280, 4.1.2.2: positive and at most 20 bytes.
bool set_random_serial(X509* x509) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);
  const openssl::Handle<BIGNUM, BN_free> number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) != nullptr;
}

X509Ptr build(EVP_PKEY* key, const std::vector<std::string>& names, std::int64_t now,
              std::int64_t lifetime) {
  X509Ptr x509(X509_new());
  const bool built = x509 && X509_set_version(x509.get(), X509_VERSION_3) == 1 &&
                     set_random_serial(x509.get()) &&
                     ASN1_TIME_set(X509_getm_notBefore(x509.get()), now) != nullptr &&
                     ASN1_TIME_set(X509_getm_notAfter(x509.get()), now + lifetime) != nullptr &&
                     set_subject(x509.get(), names) && X509_set_pubkey(x509.get(), key) == 1 &&
                     add_extension(x509.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                     add_extension(x509.get(), NID_key_usage, "critical,digitalSignature") &&
                     add_extension(x509.get(), NID_ext_key_usage, "serverAuth") &&
                     add_extension(x509.get(), NID_subject_key_identifier, "hash") &&
                     add_extension(x509.get(), NID_subject_alt_name, san_of(names)) &&
                     X509_sign(x509.get(), key, EVP_sha256()) > 0;
  return built ? std::move(x509) : nullptr;
}

}  // namespace

Result<SelfSigned> make_self_signed(const std::vector<std::string>& names, std::int64_t now,
                                    std::int64_t lifetime_seconds) {
  if (names.empty()) return error("a certificate needs at least one name");
  if (lifetime_seconds <= 0) return error("a certificate needs a lifetime of more than 0 seconds");
  for (const auto& name : names) {
    if (!is_ip_literal(name) && !is_host_name(name)) {
      return error("a name is neither a host name nor an IP address");
    }
  }
  const openssl::EvpPkeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return error("cannot make a key: " + openssl::drain_errors());
  const X509Ptr x509 = build(key.get(), names, now, lifetime_seconds);
  if (!x509) return error("cannot make a certificate: " + openssl::drain_errors());
  SelfSigned made{key_to_pem(key.get(), {}), certificate_to_pem(x509.get())};
  if (made.key_pem.empty() || made.certificate_pem.empty()) {
    wipe(made.key_pem);
    return error("cannot write a certificate: " + openssl::drain_errors());
  }
  return made;
}

}  // namespace arbortls::cert
