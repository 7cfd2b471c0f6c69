#include "cert/make.hpp"

#include "cert/build.hpp"
#include "cert/certificate.hpp"
#include "cert/load.hpp"
#include "cert/names.hpp"
#include "cert/pem_write.hpp"
#include "openssl/handles.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>

namespace arbortls::cert {
namespace {

using openssl::X509Ptr;

bool set_subject(X509* x509, const std::vector<std::string>& names) {
  X509_NAME* subject = X509_get_subject_name(x509);
  return set_common_name(subject, common_name_of(names)) &&
         X509_set_issuer_name(x509, subject) == 1;
}

X509Ptr build(EVP_PKEY* key, const std::vector<std::string>& names, std::int64_t now,
              std::int64_t lifetime) {
  X509Ptr made(X509_new());
  X509* x509 = made.get();
  const bool built = made && X509_set_version(x509, X509_VERSION_3) == 1 &&
                     set_random_serial(x509) && set_dates(x509, now, now + lifetime) &&
                     set_subject(x509, names) && X509_set_pubkey(x509, key) == 1 &&
                     add_extension(x509, x509, NID_basic_constraints, "critical,CA:FALSE") &&
                     add_extension(x509, x509, NID_key_usage, "critical,digitalSignature") &&
                     add_extension(x509, x509, NID_ext_key_usage, "serverAuth") &&
                     add_extension(x509, x509, NID_subject_key_identifier, "hash") &&
                     add_extension(x509, x509, NID_subject_alt_name, san_of(names)) &&
                     X509_sign(x509, key, EVP_sha256()) > 0;
  return built ? std::move(made) : nullptr;
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
