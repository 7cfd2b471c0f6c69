#include "cert/key_match.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <openssl/err.h>

namespace arbortls::cert {
namespace {

// A SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), taken apart.
struct PublicKeyInfo {
  int algorithm = NID_undef;
  int parameter_type = V_ASN1_UNDEF;
  const void* parameter = nullptr;
  std::span<const unsigned char> key;
};

PublicKeyInfo info_of(X509* x509) {
  ASN1_OBJECT* oid = nullptr;
  const unsigned char* bytes = nullptr;
  int length = 0;
  X509_ALGOR* algorithm = nullptr;
  X509_PUBKEY_get0_param(&oid, &bytes, &length, &algorithm, X509_get_X509_PUBKEY(x509));
  PublicKeyInfo info{OBJ_obj2nid(oid)};
  X509_ALGOR_get0(nullptr, &info.parameter_type, &info.parameter, algorithm);
  info.key = {bytes, static_cast<std::size_t>(length)};
  return info;
}

bool equal(std::span<const unsigned char> a, std::span<const unsigned char> b) {
  return !a.empty() && std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool is_raw_key(const PublicKeyInfo& info, const PrivateKey& key) {
  std::array<unsigned char, 57> raw{};  // of Ed448, the longer one
  std::size_t length = raw.size();
  return info.parameter_type == V_ASN1_UNDEF && info.algorithm == EVP_PKEY_get_id(key.key.get()) &&
         EVP_PKEY_get_raw_public_key(key.key.get(), raw.data(), &length) == 1 &&
         equal(info.key, std::span(raw).first(length));
}

// The certificate holds, byte for byte, what the usual encoding of the key's public part is.
bool holds_bytes_of(X509* x509, const PrivateKey& key) {
  const PublicKeyInfo info = info_of(x509);
  switch (key.type) {
    case KeyType::ecdsa:
      return key.ec && info.algorithm == EVP_PKEY_EC && info.parameter_type == V_ASN1_OBJECT &&
             OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(info.parameter)) == key.ec->curve &&
             equal(info.key, key.ec->point);
    case KeyType::rsa:
      return key.rsa && info.algorithm == EVP_PKEY_RSA && info.parameter_type == V_ASN1_NULL &&
             equal(info.key, rsa_public_key(*key.rsa));
    case KeyType::ed25519:
    case KeyType::ed448:
      return is_raw_key(info, key);
    case KeyType::rsa_pss:
      break;
  }
  return false;
}

}  // namespace

Result<bool> bears_key(ParsedPtr& certificate, const PrivateKey& key) {
  if (!certificate->whole) {
    const bool same = holds_bytes_of(certificate->x509.get(), key);
    ERR_clear_error();
    if (same) return true;
    if (auto done = complete(certificate); !done) return done.error();
  }
  EVP_PKEY* own = X509_get0_pubkey(certificate->x509.get());
  const bool same = own != nullptr && EVP_PKEY_eq(own, key.key.get()) == 1;
  ERR_clear_error();
  return same;
}

}  // namespace arbortls::cert
