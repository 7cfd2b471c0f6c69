#include "acme/challenges.hpp"

#include "acme/challenge_certificate.hpp"
#include "cert/digest.hpp"
#include "openssl/handles.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace arbortls::acme;
namespace openssl = arbortls::openssl;

namespace {

constexpr std::int64_t now = 1780272000;  // 2026-06-01 00:00:00 UTC

Challenge challenge(ChallengeType type, const std::string& identifier) {
  return {type, identifier, "token-1", "token-1.thumbprint"};
}

openssl::X509Ptr leaf_of(const arbortls::cert::CertificatePtr& certificate) {
  const auto& der = *certificate->pairs.at(0).leaf;
  const unsigned char* at = der.data();
  return openssl::X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

}  // namespace

TEST_CASE("an http-01 challenge is found by its token while it lives", "[acme]") {
  Challenges live;
  CHECK_FALSE(live.key_authorization("token-1"));
  REQUIRE(live.add(challenge(ChallengeType::http_01, "a.example"), now).has_value());
  CHECK(live.key_authorization("token-1") == "token-1.thumbprint");
  CHECK_FALSE(live.key_authorization("token-2"));
  CHECK_FALSE(live.key_authorization(""));
  CHECK_FALSE(live.certificate("a.example"));
  live.remove(challenge(ChallengeType::http_01, "a.example"));
  CHECK_FALSE(live.key_authorization("token-1"));
}

TEST_CASE("a tls-alpn-01 challenge is found by its SNI while it lives", "[acme]") {
  const auto [identifier, server_name] = GENERATE(table<std::string, std::string>({
      {"a.example", "a.example"},
      {"A.Example", "a.example"},
      {"192.0.2.7", "7.2.0.192.in-addr.arpa"},
      {"2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
  }));
  CAPTURE(identifier);
  Challenges live;
  CHECK_FALSE(live.certificate(server_name));
  REQUIRE(live.add(challenge(ChallengeType::tls_alpn_01, identifier), now).has_value());
  REQUIRE(live.certificate(server_name));
  CHECK_FALSE(live.certificate("b.example"));
  CHECK_FALSE(live.key_authorization("token-1"));
  live.remove(challenge(ChallengeType::tls_alpn_01, identifier));
  CHECK_FALSE(live.certificate(server_name));
}

TEST_CASE("a dns-01 challenge is not answered by us", "[acme]") {
  Challenges live;
  CHECK_FALSE(live.add(challenge(ChallengeType::dns_01, "a.example"), now).has_value());
}

TEST_CASE("a token of our own is answered like a CA's", "[acme]") {
  Challenges live;
  live.add_token("probe", "it is us");
  CHECK(live.key_authorization("probe") == "it is us");
  live.remove_token("probe");
  CHECK_FALSE(live.key_authorization("probe"));
}

TEST_CASE("a challenge certificate is what RFC 8737 wants", "[acme]") {
  const auto made = make_challenge_certificate("a.example", "token-1.thumbprint", now);
  REQUIRE(made.has_value());
  const auto& pair = (*made)->pairs.at(0);
  CHECK(pair.names == std::vector<std::string>{"a.example"});
  CHECK(pair.key_type == arbortls::cert::KeyType::ecdsa);
  CHECK((pair.not_before < now && now < pair.not_after));
  const auto leaf = leaf_of(*made);
  CHECK(X509_self_signed(leaf.get(), 1) == 1);
  const openssl::Handle<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1));
  X509_EXTENSION* extension =
      X509_get_ext(leaf.get(), X509_get_ext_by_OBJ(leaf.get(), oid.get(), -1));
  REQUIRE(extension != nullptr);
  CHECK(X509_EXTENSION_get_critical(extension) == 1);
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
  const std::string authorization = "token-1.thumbprint";
  const auto digest = arbortls::cert::sha256(
      {reinterpret_cast<const unsigned char*>(authorization.data()), authorization.size()});
  std::string wanted = "\x04\x20";
  wanted.append(digest.begin(), digest.end());
  CHECK(std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                    static_cast<std::size_t>(ASN1_STRING_length(value))) == wanted);
}

TEST_CASE("a challenge certificate for what is no name is an error", "[acme]") {
  const std::string identifier = GENERATE("", "a.example,DNS:b.example", "a b", "a\nb");
  CHECK_FALSE(make_challenge_certificate(identifier, "x", now).has_value());
}

TEST_CASE("challenges come and go while others look", "[acme]") {
  Challenges live;
  std::atomic<bool> over = false;
  std::atomic<int> wrong = 0;
  std::thread reader([&] {
    while (!over) {
      const auto found = live.key_authorization("token");
      if (found && *found != "body") ++wrong;
      live.certificate("a.example");
    }
  });
  for (int i = 0; i < 2000; ++i) {
    live.add_token("token", "body");
    live.remove_token("token");
  }
  over = true;
  reader.join();
  CHECK(wrong == 0);
}
