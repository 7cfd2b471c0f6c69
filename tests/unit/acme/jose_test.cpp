#include "acme/jose.hpp"

#include "acme/base64url.hpp"
#include "support/test_ca.hpp"
#include "verify_jws.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::acme;
using namespace arbortls::acme::test;
namespace json = boost::json;

namespace {

// The key of RFC 7515, A.3.
constexpr const char* rfc_key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff
H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp
7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt
-----END PRIVATE KEY-----
)";

AccountKey account_key(const std::string& kind) {
  if (kind == "P-256") return AccountKey::generate().value();
  const auto key = arbortls::test::kept_key(arbortls::test::Key::rsa2048);
  return AccountKey::from_pem(arbortls::test::pkcs8_pem(key.get())).value();
}

}  // namespace

TEST_CASE("base64url is what RFC 4648 says, without padding", "[acme]") {
  const auto [bytes, text] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"f", "Zg"},
      {"fo", "Zm8"},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg"},
      {"\xff\xef\xbf", "_--_"},
      {std::string("\0\0", 2), "AAA"},
  }));
  CHECK(base64url(bytes) == text);
  CHECK(from_base64url(text) == bytes);
}

TEST_CASE("what is no base64url is not read", "[acme]") {
  const std::string text = GENERATE("a", "ab+/", "ab cd", "ab\ncd", "Zm9v!", "=", "Z=g");
  CAPTURE(text);
  if (text == "=") {
    CHECK(from_base64url(text) == "");
  } else {
    CHECK_FALSE(from_base64url(text));
  }
}

TEST_CASE("a public key and its thumbprint are written as RFC 7638 wants them", "[acme]") {
  const auto key = AccountKey::from_pem(rfc_key).value();
  CHECK(key.jwk() ==
        R"({"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
  CHECK(key.thumbprint() == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
  CHECK(key.algorithm() == "ES256");
}

TEST_CASE("a thumbprint is that of the key's JSON, for either kind of key", "[acme]") {
  const auto key = account_key(GENERATE("P-256", "RSA"));
  CHECK(key.thumbprint() == thumbprint_of(key.jwk()));
}

TEST_CASE("a request is signed so that others can verify it", "[acme]") {
  const auto key = account_key(GENERATE("P-256", "RSA"));
  const std::string kid = GENERATE("", "https://ca.test/account/1");
  // Numbers of a signature that begin with zeros are rare: so often that some do.
  for (int i = 0; i < (key.algorithm() == "ES256" ? 600 : 1); ++i) {
    const auto body = sign_jws(key, {"https://ca.test/x", "nonce", kid}, R"({"a":1})").value();
    const auto jws = read_jws(body);
    REQUIRE(jws.is_signed_by(key.jwk()));
    REQUIRE(jws.payload == R"({"a":1})");
    REQUIRE(jws.header.at("url") == "https://ca.test/x");
    REQUIRE(jws.header.at("nonce") == "nonce");
    REQUIRE(jws.header.contains("jwk") == kid.empty());
    REQUIRE(jws.header.contains("kid") == !kid.empty());
  }
}

TEST_CASE("a POST-as-GET has an empty payload", "[acme]") {
  const auto body = sign_jws(account_key("P-256"), {"https://ca.test/x", "n", "k"}, "").value();
  CHECK(json::parse(body).at("payload") == "");
}

TEST_CASE("an account key survives its PEM", "[acme]") {
  const auto key = account_key(GENERATE("P-256", "RSA"));
  const auto again = AccountKey::from_pem(key.to_pem()).value();
  CHECK(again.jwk() == key.jwk());
}

TEST_CASE("keys that no CA takes are refused with a reason", "[acme]") {
  using arbortls::test::Key;
  const auto [kind, reason] = GENERATE(table<Key, std::string>({
      {Key::p384, "has to be of P-256 or RSA"},
      {Key::ed25519, "has to be of P-256 or RSA"},
      {Key::rsa1024, "too weak"},
  }));
  const auto key = arbortls::test::kept_key(kind);
  const auto refused = AccountKey::from_pem(arbortls::test::pkcs8_pem(key.get()));
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().message, Catch::Contains(reason));
  CHECK_FALSE(AccountKey::from_pem("no key").has_value());
}

TEST_CASE("challenges are answered with the token and the key's thumbprint", "[acme]") {
  const auto key = AccountKey::from_pem(rfc_key).value();
  CHECK(key_authorization("token", key) == "token.oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
  CHECK(dns01_value("token.oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U") ==
        "mE-xCuv5WUbIG_nQN71SG1nXSvoBJZgwYqxedrbeU9c");
}
