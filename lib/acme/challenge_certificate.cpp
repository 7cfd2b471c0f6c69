#include "acme/challenge_certificate.hpp"

#include "acme/extension.hpp"
#include "cert/digest.hpp"
#include "cert/load.hpp"
#include "cert/pem_write.hpp"
#include "openssl/handles.hpp"

#include <string>

#include <openssl/ec.h>
#include <openssl/rand.h>

namespace arbortls::acme {
namespace {

using OctetsPtr = openssl::Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using ObjectPtr = openssl::Handle<ASN1_OBJECT, ASN1_OBJECT_free>;

constexpr std::int64_t a_day = 86400;

// RFC 8737, 3: the extension's value is an OCTET STRING of its own inside the extension's.
bool add_acme_identifier(X509* x509, std::string_view key_authorization) {
  constexpr unsigned char octet_string_of_32[] = {0x04, 0x20};
  const auto digest = cert::sha256(
      {reinterpret_cast<const unsigned char*>(key_authorization.data()), key_authorization.size()});
  std::string value(std::begin(octet_string_of_32), std::end(octet_string_of_32));
  value.append(digest.begin(), digest.end());
  const ObjectPtr oid(OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1));
  const OctetsPtr octets(ASN1_OCTET_STRING_new());
  if (!oid || !octets ||
      ASN1_OCTET_STRING_set(octets.get(), reinterpret_cast<const unsigned char*>(value.data()),
                            static_cast<int>(value.size())) != 1) {
    return false;
  }
  const openssl::X509ExtensionPtr extension(
      X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), 1, octets.get()));
  return extension && X509_add_ext(x509, extension.get(), -1) == 1;
}

bool add_name(X509* x509, std::string_view identifier) {
  const std::string value = subject_alternative_names({std::string(identifier)});
  if (value.empty()) return false;
  const openssl::X509ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, value.c_str()));
  return extension && X509_add_ext(x509, extension.get(), -1) == 1;
}

bool set_subject(X509* x509) {
  X509_NAME* subject = X509_get_subject_name(x509);
  constexpr std::string_view common = "ACME challenge";
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common.data()),
                                    static_cast<int>(common.size()), -1, 0) == 1 &&
         X509_set_issuer_name(x509, subject) == 1;
}

bool set_serial(X509* x509) {
  std::uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1 | 1) == 1;
}

openssl::X509Ptr build(EVP_PKEY* key, std::string_view identifier,
                       std::string_view key_authorization, std::int64_t now) {
  openssl::X509Ptr x509(X509_new());
  const bool built =
      x509 && X509_set_version(x509.get(), X509_VERSION_3) == 1 && set_serial(x509.get()) &&
      ASN1_TIME_set(X509_getm_notBefore(x509.get()), now - a_day) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(x509.get()), now + 7 * a_day) != nullptr &&
      set_subject(x509.get()) && X509_set_pubkey(x509.get(), key) == 1 &&
      add_name(x509.get(), identifier) && add_acme_identifier(x509.get(), key_authorization) &&
      X509_sign(x509.get(), key, EVP_sha256()) > 0;
  return built ? std::move(x509) : nullptr;
}

}  // namespace

Result<cert::CertificatePtr> make_challenge_certificate(std::string_view identifier,
                                                        std::string_view key_authorization,
                                                        std::int64_t now) {
  const openssl::EvpPkeyPtr key(EVP_EC_gen("P-256"));
  const auto x509 = key ? build(key.get(), identifier, key_authorization, now) : nullptr;
  if (!x509) return error("cannot make a challenge certificate: " + openssl::drain_errors());
  std::string pem = cert::key_to_pem(key.get(), {}) + cert::certificate_to_pem(x509.get());
  cert::LoadOptions options;
  options.now = now;
  auto loaded = cert::load_pem(pem, options);
  cert::wipe(pem);
  if (!loaded) return error("cannot make a challenge certificate: " + loaded.error().message);
  return loaded->certificate;
}

}  // namespace arbortls::acme
