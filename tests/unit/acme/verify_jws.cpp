#include "verify_jws.hpp"

#include "acme/base64url.hpp"
#include "openssl/handles.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

namespace arbortls::acme::test {
namespace {

namespace json = boost::json;

const unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string decoded(const json::object& object, const char* key) {
  return from_base64url(std::string(object.at(key).as_string())).value_or("");
}

openssl::EvpPkeyPtr public_key(const json::object& jwk) {
  const openssl::Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> build(OSSL_PARAM_BLD_new());
  const bool ec = jwk.at("kty").as_string() == "EC";
  const std::string point = ec ? "\x04" + decoded(jwk, "x") + decoded(jwk, "y") : "";
  const std::string n = ec ? "" : decoded(jwk, "n");
  const std::string e = ec ? "" : decoded(jwk, "e");
  const openssl::BnPtr modulus(BN_bin2bn(bytes(n), static_cast<int>(n.size()), nullptr));
  const openssl::BnPtr exponent(BN_bin2bn(bytes(e), static_cast<int>(e.size()), nullptr));
  if (ec) {
    OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
  } else {
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  }
  const openssl::Handle<OSSL_PARAM, OSSL_PARAM_free> parameters(
      OSSL_PARAM_BLD_to_param(build.get()));
  const openssl::EvpPkeyCtxPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, ec ? "EC" : "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  return openssl::EvpPkeyPtr(key);
}

std::string der_of(const std::string& flat) {
  if (flat.size() != 64) return {};
  const openssl::Handle<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes(flat), 32, nullptr),
                 BN_bin2bn(bytes(flat) + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  std::string made(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return made;
}

}  // namespace

bool Jws::is_signed_by(const std::string& jwk) const {
  const auto members = json::parse(jwk).as_object();
  const auto key = public_key(members);
  const bool ec = members.at("kty").as_string() == "EC";
  if (!key || !header.contains("alg") || header.at("alg") != (ec ? "ES256" : "RS256")) return false;
  const std::string raw = ec ? der_of(signature) : signature;
  const openssl::EvpMdCtxPtr context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(raw), raw.size(), bytes(input), input.size()) == 1;
}

bool Jws::is_coded_by(const std::string& hmac_key) const {
  const auto algorithm = header.at("alg").as_string();
  const EVP_MD* digest = algorithm == "HS256"   ? EVP_sha256()
                         : algorithm == "HS384" ? EVP_sha384()
                                                : EVP_sha512();
  unsigned char code[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(digest, hmac_key.data(), static_cast<int>(hmac_key.size()), bytes(input), input.size(), code,
       &size);
  return signature == std::string(reinterpret_cast<char*>(code), size);
}

Jws read_jws(const std::string& body) {
  Jws read;
  const auto object = json::parse(body).as_object();
  const std::string first(object.at("protected").as_string());
  const std::string second(object.at("payload").as_string());
  read.header = json::parse(from_base64url(first).value_or("{}")).as_object();
  read.payload = from_base64url(second).value_or("");
  read.input = first + "." + second;
  read.signature = decoded(object, "signature");
  return read;
}

std::string thumbprint_of(const std::string& jwk) {
  const auto members = json::parse(jwk).as_object();
  std::string canonical = "{";
  for (const char* key : {"crv", "e", "kty", "n", "x", "y"}) {
    if (!members.contains(key)) continue;
    if (canonical.size() > 1) canonical += ",";
    canonical += "\"" + std::string(key) + "\":" + json::serialize(members.at(key));
  }
  canonical += "}";
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(bytes(canonical), canonical.size(), digest);
  return base64url(std::span<const unsigned char>(digest));
}

}  // namespace arbortls::acme::test
