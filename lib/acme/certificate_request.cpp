#include "acme/certificate_request.hpp"

#include "acme/extension.hpp"
#include "acme/key_text.hpp"
#include "cert/pem_write.hpp"
#include "openssl/handles.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

namespace arbortls::acme {
namespace {

using RequestPtr = openssl::Handle<X509_REQ, X509_REQ_free>;

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * extensions) const noexcept {
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  }
};
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

bool add_names(X509_REQ* request, const std::string& value) {
  openssl::X509ExtensionPtr names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, value.c_str()));
  const ExtensionsPtr extensions(sk_X509_EXTENSION_new_null());
  if (!names || !extensions || sk_X509_EXTENSION_push(extensions.get(), names.get()) <= 0) {
    return false;
  }
  names.release();
  return X509_REQ_add_extensions(request, extensions.get()) == 1;
}

// Edwards curves have their digest built in.
const EVP_MD* digest_for(const EVP_PKEY* key) {
  const int kind = EVP_PKEY_get_base_id(key);
  return kind == EVP_PKEY_ED25519 || kind == EVP_PKEY_ED448 ? nullptr : EVP_sha256();
}

std::string to_der(X509_REQ* request) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(request, &der);
  if (size <= 0) return {};
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

std::string_view to_string(CertificateKey key) noexcept {
  return key == CertificateKey::rsa_2048 ? "rsa-2048" : "ecdsa-p256";
}

Result<std::string> make_certificate_key(CertificateKey type) {
  const openssl::EvpPkeyPtr key(type == CertificateKey::rsa_2048 ? EVP_RSA_gen(2048)
                                                                 : EVP_EC_gen("P-256"));
  std::string pem = key ? cert::key_to_pem(key.get(), {}) : std::string();
  if (pem.empty()) return error("cannot make a key: " + openssl::drain_errors());
  return pem;
}

std::string certificate_key_in(std::string_view pem, CertificateKey type) {
  const auto key = key_of(pem, type == CertificateKey::rsa_2048 ? EVP_PKEY_RSA : EVP_PKEY_EC);
  return key ? cert::key_to_pem(key->get(), {}) : std::string();
}

Result<std::string> make_certificate_request(std::string_view key_pem,
                                             const std::vector<std::string>& names) {
  const std::string san = subject_alternative_names(names);
  if (san.empty()) return error("a certificate request needs host names or addresses");
  const auto key = key_of(key_pem);
  if (!key) return error("the certificate's key cannot be read: " + key.error().message);
  const RequestPtr request(X509_REQ_new());
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_pubkey(request.get(), key->get()) != 1 || !add_names(request.get(), san) ||
      X509_REQ_sign(request.get(), key->get(), digest_for(key->get())) <= 0) {
    return error("cannot make a certificate request: " + openssl::drain_errors());
  }
  std::string der = to_der(request.get());
  if (der.empty()) return error("cannot write a certificate request: " + openssl::drain_errors());
  return der;
}

}  // namespace arbortls::acme
