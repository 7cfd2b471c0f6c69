#include "cert/build.hpp"

#include "cert/names.hpp"

#include <algorithm>

#include <openssl/rand.h>

namespace arbortls::cert {

bool add_extension(X509* x509, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  const openssl::X509ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(x509, extension.get(), -1) == 1;
}

bool set_random_serial(X509* x509) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);
  const openssl::Handle<BIGNUM, BN_free> number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) != nullptr;
}

bool set_dates(X509* x509, std::int64_t not_before, std::int64_t not_after) {
  return ASN1_TIME_set(X509_getm_notBefore(x509), not_before) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(x509), not_after) != nullptr;
}

bool set_common_name(X509_NAME* subject, const std::string& name) {
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0) == 1;
}

std::string common_name_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 64;  // RFC 5280, ub-common-name
  const auto fits = std::find_if(names.begin(), names.end(),
                                 [](const std::string& name) { return name.size() <= most; });
  return fits != names.end() ? *fits : "arbortls";
}

std::string san_of(const std::vector<std::string>& names) {
  std::string san;
  for (const auto& name : names) {
    if (!san.empty()) san += ',';
    san += (is_ip_literal(name) ? "IP:" : "DNS:") + name;
  }
  return san;
}

}  // namespace arbortls::cert
