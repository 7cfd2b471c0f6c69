#include "load/domains.hpp"

#include "cert/pem_write.hpp"
#include "openssl/handles.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <fstream>

namespace arbortls::bench {
namespace {

struct Issuer {
  openssl::EvpPkeyPtr key;
  openssl::X509Ptr certificate;
  std::string pem;  // of the certificate
};

Result<Issuer> read_issuer(const std::string& file) {
  openssl::BioPtr key(BIO_new_file(file.c_str(), "r"));
  openssl::BioPtr certificate(BIO_new_file(file.c_str(), "r"));
  Issuer issuer;
  if (key) issuer.key.reset(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
  if (certificate) {
    issuer.certificate.reset(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
  }
  if (!issuer.key || !issuer.certificate) return error(file + ": " + openssl::drain_errors());
  issuer.pem = cert::certificate_to_pem(issuer.certificate.get());
  return issuer;
}

bool add_extension(X509* x509, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, nullptr, x509, nullptr, nullptr, 0);
  const openssl::X509ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(x509, extension.get(), -1) == 1;
}

bool name_it(X509* x509, const std::string& name) {
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, text, -1, -1,
                                    0) == 1 &&
         add_extension(x509, NID_subject_alt_name, "DNS:" + name) &&
         add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(x509, NID_ext_key_usage, "serverAuth");
}

bool date_it(X509* x509, int days) {
  std::uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1 &&
         X509_set_version(x509, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(x509), -3600) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(x509), days, 0, nullptr) != nullptr;
}

// Key, certificate, issuer; "" where OpenSSL would not.
std::string make_pem(const Issuer& issuer, const std::string& name, int days) {
  const openssl::EvpPkeyPtr key(EVP_EC_gen("P-256"));
  const openssl::X509Ptr x509(X509_new());
  const bool made =
      key && x509 && date_it(x509.get(), days) && name_it(x509.get(), name) &&
      X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer.certificate.get())) == 1 &&
      X509_set_pubkey(x509.get(), key.get()) == 1 &&
      X509_sign(x509.get(), issuer.key.get(), EVP_sha256()) > 0;
  if (!made) return {};
  return cert::key_to_pem(key.get(), "") + cert::certificate_to_pem(x509.get()) + issuer.pem;
}

std::string name_of(std::size_t index, const std::string& suffix) {
  const std::string number = std::to_string(index);
  const std::size_t zeros = number.size() < 6 ? 6 - number.size() : 0;
  return 'd' + std::string(zeros, '0') + number + '.' + suffix;
}

}  // namespace

Result<boost::json::object> make_domains(const DomainOptions& options) {
  const auto issuer = read_issuer(options.issuer);
  if (!issuer) return issuer.error();
  ::umask(0077);
  for (std::size_t i = options.first; i < options.first + options.count; ++i) {
    const std::string name = name_of(i, options.suffix);
    const std::string file = options.directory + "/" + name + ".pem";
    const std::string pem = make_pem(*issuer, name, options.days);
    if (pem.empty()) return error(name + ": " + openssl::drain_errors());
    if (!(std::ofstream(file) << pem).flush()) return error(file + " cannot be written");
  }
  return boost::json::object{{"count", options.count}};
}

}  // namespace arbortls::bench
