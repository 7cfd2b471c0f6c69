#include "acme/renewal_info.hpp"

#include "acme/base64url.hpp"
#include "acme/revocation.hpp"
#include "world.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::acme;
using namespace arbortls::acme::test;
namespace openssl = arbortls::openssl;

namespace {

constexpr std::int64_t now = arbortls::test::test_now;
constexpr const char* rfc_id = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";  // RFC 9773, 4.1

// A certificate with that example's serial and issuer's key.
std::string rfc_certificate() {
  const arbortls::test::TestCa ca;
  auto leaf = ca.leaf("a.example");
  const openssl::BnPtr serial([] {
    BIGNUM* number = nullptr;
    BN_hex2bn(&number, "87654321");
    return number;
  }());
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(leaf.x509.get()));
  const auto key_id = from_base64url("aYhba4dGQEHhs3uEe6CuLN4ByNQ").value();
  const openssl::Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free> authority(AUTHORITY_KEYID_new());
  authority->keyid = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(authority->keyid, reinterpret_cast<const unsigned char*>(key_id.data()),
                        static_cast<int>(key_id.size()));
  X509_add1_ext_i2d(leaf.x509.get(), NID_authority_key_identifier, authority.get(), 0, 0);
  X509_sign(leaf.x509.get(), ca.issuer().key.get(), EVP_sha256());
  return arbortls::test::chain_pem(ca) + arbortls::test::pem(leaf);
}

Exchange::Outcome ask(World& world, Conversation& conversation, Ask what) {
  Exchange exchange(conversation);
  auto outcome = exchange.ask(std::move(what), world.now);
  while (auto* request = std::get_if<Request>(&outcome)) {
    outcome = exchange.on_reply(world.ca.handle(*request, world.now), world.now);
  }
  return outcome;
}

}  // namespace

TEST_CASE("a certificate's ID is that of the RFC's example", "[acme]") {
  CHECK(certificate_id(rfc_certificate()).value() == rfc_id);
}

TEST_CASE("a text without a certificate, or without its issuer's key, has no ID", "[acme]") {
  const arbortls::test::TestCa ca;
  CHECK_FALSE(certificate_id("").has_value());
  CHECK_FALSE(
      certificate_id("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").has_value());
  CHECK_FALSE(certificate_id(arbortls::test::pem(ca.leaf("a.example"))).has_value());
}

TEST_CASE("renewal information is asked for unsigned, behind the directory's URL", "[acme]") {
  World world;
  Conversation conversation(world.settings, world.key);
  world.ca.ari_reply =
      R"({"suggestedWindow":{"start":"2026-07-01T00:00:00Z","end":"2026-07-02T00:00:00Z"},
    "explanationURL":"https://ca.test/why"})";
  const auto outcome = ask(world, conversation, renewal_info(rfc_id));
  REQUIRE(std::holds_alternative<Reply>(outcome));
  CHECK(world.ca.log ==
        std::vector<std::string>{"GET /directory", std::string("GET /ari/") + rfc_id});
  const auto info = parse_renewal_info(std::get<Reply>(outcome), now).value();
  CHECK(info.start == now + 30 * 86400);
  CHECK(info.end == now + 31 * 86400);
  CHECK(info.explanation_url == "https://ca.test/why");
}

TEST_CASE("a CA without renewal information is not asked for it", "[acme]") {
  World world;
  world.ca.renewal_info = false;
  Conversation conversation(world.settings, world.key);
  const auto outcome = ask(world, conversation, renewal_info(rfc_id));
  REQUIRE(std::holds_alternative<Failure>(outcome));
  CHECK(to_string(std::get<Failure>(outcome).kind) == "our_mistake");
  CHECK(world.ca.log == std::vector<std::string>{"GET /directory"});
}

TEST_CASE("renewal information is asked for again when the CA says, within bounds", "[acme]") {
  const auto [header, seconds] = GENERATE(table<std::string, std::int64_t>({
      {"21600", 21600},
      {"5", 60},
      {"9999999", 86400},
      {"Mon, 01 Jun 2026 01:00:00 GMT", 3600},
      {"", 21600},
  }));
  const Reply reply{
      200,
      {{"Retry-After", header}},
      R"({"suggestedWindow":{"start":"2026-07-01T00:00:00Z","end":"2026-07-02T00:00:00Z"}})"};
  CHECK(parse_renewal_info(reply, now).value().ask_again_at == now + seconds);
}

TEST_CASE("renewal information that makes no sense is an error", "[acme]") {
  const std::string body = GENERATE(
      "", "[]", "{}", R"({"suggestedWindow":7})",
      R"({"suggestedWindow":{"start":"2026-07-01T00:00:00Z"}})",
      R"({"suggestedWindow":{"start":"2026-07-02T00:00:00Z","end":"2026-07-01T00:00:00Z"}})",
      R"({"suggestedWindow":{"start":"2026-07-01T00:00:00Z","end":"2026-07-01T00:00:00Z"}})");
  CHECK_FALSE(parse_renewal_info({200, {}, body}, now).has_value());
}

TEST_CASE("a link that is no https URL is left out of renewal information", "[acme]") {
  const Reply reply{200, {}, R"({"suggestedWindow":{"start":"2026-07-01T00:00:00Z",
    "end":"2026-07-02T00:00:00Z"},"explanationURL":"javascript:alert"})"};
  CHECK(parse_renewal_info(reply, now).value().explanation_url.empty());
}

TEST_CASE("a certificate is revoked by its account; a second time is as good", "[acme]") {
  World world;
  const auto end = world.run("a.example");
  REQUIRE(end.done);
  Conversation conversation(world.settings, world.key,
                            account_state_from_json(world.account_file).value());
  for (int i = 0; i < 2; ++i) {
    const auto outcome =
        ask(world, conversation, revocation(end.done->pem, RevocationReason::superseded).value());
    CHECK(is_revoked(outcome));
  }
  CHECK(world.ca.errors.empty());
  REQUIRE(world.ca.revoked.size() == 1);
  const auto der = from_base64url(world.ca.revoked.front()).value();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const openssl::X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  REQUIRE(x509);
  CHECK(X509_check_host(x509.get(), "a.example", 0, 0, nullptr) == 1);
}

TEST_CASE("a refused revocation is none", "[acme]") {
  World world;
  Conversation conversation(world.settings, world.key);
  world.ca.scripted = {{"/revoke", problem(403, "unauthorized", "not yours")}};
  const auto outcome = ask(world, conversation,
                           revocation(rfc_certificate(), RevocationReason::unspecified).value());
  CHECK_FALSE(is_revoked(outcome));
  CHECK(std::get<Failure>(outcome).text == "revoking the certificate: not yours [unauthorized]");
}
