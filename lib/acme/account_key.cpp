#include "acme/account_key.hpp"

#include "acme/base64url.hpp"
#include "acme/key_text.hpp"
#include "cert/checks.hpp"
#include "cert/digest.hpp"
#include "cert/pem_write.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>

namespace arbortls::acme {
namespace {

using openssl::BnPtr;
using SignaturePtr = openssl::Handle<ECDSA_SIG, ECDSA_SIG_free>;

constexpr int coordinate_size = 32;  // of P-256

std::string padded(const BIGNUM* number, int size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), size) != size) return {};
  return bytes;
}

BnPtr number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return nullptr;
  return BnPtr(number);
}

// RFC 7638, 3.2: the required members only, by name, without spaces.
std::string ec_jwk(const EVP_PKEY* key) {
  const BnPtr x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X);
  const BnPtr y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y);
  if (!x || !y) return {};
  return R"({"crv":"P-256","kty":"EC","x":")" + base64url(padded(x.get(), coordinate_size)) +
         R"(","y":")" + base64url(padded(y.get(), coordinate_size)) + "\"}";
}

std::string rsa_jwk(const EVP_PKEY* key) {
  const BnPtr n = number_of(key, OSSL_PKEY_PARAM_RSA_N);
  const BnPtr e = number_of(key, OSSL_PKEY_PARAM_RSA_E);
  if (!n || !e) return {};
  return R"({"e":")" + base64url(padded(e.get(), BN_num_bytes(e.get()))) +
         R"(","kty":"RSA","n":")" + base64url(padded(n.get(), BN_num_bytes(n.get()))) + "\"}";
}

// RFC 7518, 3.4: both numbers, each of full length, one behind the other.
std::string flat(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const SignaturePtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!signature) return {};
  return padded(ECDSA_SIG_get0_r(signature.get()), coordinate_size) +
         padded(ECDSA_SIG_get0_s(signature.get()), coordinate_size);
}

bool is_p256(const EVP_PKEY* key) {
  char group[32] = {};
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1 &&
         std::string_view(group) == SN_X9_62_prime256v1;
}

}  // namespace

Result<AccountKey> AccountKey::generate() {
  openssl::EvpPkeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return error("cannot make an account key: " + openssl::drain_errors());
  return from_key(std::move(key));
}

Result<AccountKey> AccountKey::from_pem(std::string_view pem) {
  auto key = key_of(pem);
  if (!key) return error("the account key cannot be read: " + key.error().message);
  return from_key(std::move(*key));
}

Result<AccountKey> AccountKey::from_key(openssl::EvpPkeyPtr key) {
  AccountKey made;
  if (is_p256(key.get())) {
    made.algorithm_ = "ES256";
    made.jwk_ = ec_jwk(key.get());
  } else if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA) {
    if (const auto weak = cert::key_weakness(key.get())) return error("account key: " + *weak);
    made.algorithm_ = "RS256";
    made.jwk_ = rsa_jwk(key.get());
  } else {
    return error("an account key has to be of P-256 or RSA");
  }
  if (made.jwk_.empty()) return error("the account key cannot be read: " + openssl::drain_errors());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(made.jwk_.data());
  made.thumbprint_ = base64url(cert::sha256({bytes, made.jwk_.size()}));
  made.key_ = std::move(key);
  return made;
}

std::string AccountKey::to_pem() const { return cert::key_to_pem(key_.get(), {}); }

Result<std::string> AccountKey::sign(std::string_view input) const {
  const openssl::EvpMdCtxPtr context(EVP_MD_CTX_new());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(input.data());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  std::string signature(size, '\0');
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, input.size()) != 1) {
    return error("cannot sign with the account key: " + openssl::drain_errors());
  }
  signature.resize(size);
  return base64url(algorithm_ == "ES256" ? flat(signature) : signature);
}

}  // namespace arbortls::acme
