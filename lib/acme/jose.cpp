#include "acme/jose.hpp"

#include "acme/base64url.hpp"
#include "acme/json_read.hpp"
#include "cert/digest.hpp"
#include "cert/load.hpp"

#include <openssl/hmac.h>

namespace arbortls::acme {
namespace {

json::object flattened(const std::string& protected_header, const std::string& payload,
                       const std::string& signature) {
  return {{"protected", protected_header}, {"payload", payload}, {"signature", signature}};
}

const EVP_MD* digest_of(std::string_view algorithm) {
  if (algorithm == "HS256") return EVP_sha256();
  if (algorithm == "HS384") return EVP_sha384();
  if (algorithm == "HS512") return EVP_sha512();
  return nullptr;
}

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view input) {
  unsigned char code[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(digest, key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(input.data()), input.size(), code,
           &size) == nullptr) {
    return {};
  }
  return base64url(std::span<const unsigned char>(code, size));
}

}  // namespace

Result<std::string> sign_jws(const AccountKey& key, const JwsHeader& header,
                             std::string_view payload) {
  json::object members{{"alg", key.algorithm()}, {"nonce", header.nonce}, {"url", header.url}};
  if (header.kid.empty()) {
    members.emplace("jwk", json::parse(key.jwk()));
  } else {
    members.emplace("kid", header.kid);
  }
  const std::string first = base64url(json::serialize(members));
  const std::string second = base64url(payload);
  const auto signature = key.sign(first + "." + second);
  if (!signature) return signature.error();
  return json::serialize(flattened(first, second, *signature));
}

Result<std::string> bind_external_account(const ExternalAccount& external, const AccountKey& key,
                                          std::string_view new_account_url) {
  const EVP_MD* digest = digest_of(external.algorithm);
  if (digest == nullptr) return error("an external account is bound by HS256, HS384 or HS512");
  auto secret = from_base64url(external.hmac_key);
  if (!secret || secret->empty()) {
    return error("the external account's key has to be base64url, as the CA gives it");
  }
  const std::string first = base64url(json::serialize(json::object{
      {"alg", external.algorithm}, {"kid", external.key_id}, {"url", new_account_url}}));
  const std::string second = base64url(key.jwk());
  const std::string code = hmac(digest, *secret, first + "." + second);
  cert::wipe(*secret);
  if (code.empty()) return error("cannot bind the external account: " + openssl::drain_errors());
  return json::serialize(flattened(first, second, code));
}

std::string key_authorization(std::string_view token, const AccountKey& key) {
  return std::string(token) + "." + key.thumbprint();
}

std::string dns01_value(std::string_view key_authorization) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(key_authorization.data());
  return base64url(cert::sha256({bytes, key_authorization.size()}));
}

}  // namespace arbortls::acme
