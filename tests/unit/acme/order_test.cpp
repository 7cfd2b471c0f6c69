#include "acme/order.hpp"

#include "cert/load.hpp"
#include "order_checks.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::acme;
using namespace arbortls::acme::test;
using arbortls::test::test_now;

namespace {

arbortls::cert::CertificatePtr loaded(const std::string& pem) {
  arbortls::cert::LoadOptions options;
  options.now = test_now + 1800;
  return arbortls::cert::load_pem(pem, options).value().certificate;
}

}  // namespace

TEST_CASE("an order ends with key, certificate and chain", "[acme]") {
  World world;
  const auto end = world.run("a.example");
  require_done(world, end);
  const auto certificate = loaded(end.done->pem);
  CHECK(certificate->covers("a.example"));
  REQUIRE(certificate->pairs.size() == 1);
  CHECK(certificate->pairs.front().key_type == arbortls::cert::KeyType::ecdsa);
  CHECK(certificate->pairs.front().chain.size() == 1);
  CHECK(end.done->not_after == certificate->not_after());
  CHECK(end.done->not_before == certificate->pairs.front().not_before);
}

TEST_CASE("several names are authorized one after the other, each challenge unpublished in turn",
          "[acme]") {
  World world;
  const auto end = world.run(World::wish_for({"a.example", "b.example", "*.c.example"}));
  require_done(world, end);
  CHECK(loaded(end.done->pem)->covers("x.c.example"));
  REQUIRE(world.ever_published.size() == 3);
  CHECK(world.ever_published[0].type == ChallengeType::http_01);
  CHECK(world.ever_published[2].type == ChallengeType::dns_01);
  CHECK(world.ever_published[2].record_name() == "_acme-challenge.c.example");
}

TEST_CASE("the challenge is the first of the allowed ones that the CA offers", "[acme]") {
  const auto [offered, allowed, chosen] =
      GENERATE(table<std::vector<std::string>, std::vector<ChallengeType>, ChallengeType>({
          {{"http-01", "tls-alpn-01", "dns-01"},
           {ChallengeType::tls_alpn_01},
           ChallengeType::tls_alpn_01},
          {{"http-01", "dns-01"},
           {ChallengeType::tls_alpn_01, ChallengeType::dns_01, ChallengeType::http_01},
           ChallengeType::dns_01},
          {{"strange-01", "http-01"}, {ChallengeType::http_01}, ChallengeType::http_01},
      }));
  World world;
  world.ca.challenge_types = offered;
  Wish wish = World::wish_for({"a.example"});
  wish.challenges = allowed;
  require_done(world, world.run(wish));
  REQUIRE(world.ever_published.size() == 1);
  CHECK(world.ever_published.front().type == chosen);
}

TEST_CASE("no challenge that both sides know is a mistake of ours, with both lists", "[acme]") {
  World world;
  Wish wish = World::wish_for({"*.a.example"});
  wish.challenges = {ChallengeType::http_01, ChallengeType::tls_alpn_01};
  require_failure(
      world, world.run(wish), FailureKind::our_mistake,
      "*.a.example: the CA offers the challenges dns-01, and allowed are http-01, tls-alpn-01");
}

TEST_CASE("authorizations that are valid already are not asked for again", "[acme]") {
  World world;
  world.ca.reuse_authorizations = true;
  require_done(world, world.run("a.example"));
  world.order_file.clear();
  require_done(world, world.run("a.example"));
  CHECK(world.ever_published.size() == 1);
  CHECK(world.count("POST /challenge") == 1);
  CHECK(world.count("POST /new-account") == 1);
}

TEST_CASE("what takes the CA long is asked for in ever longer pauses", "[acme]") {
  World world;
  world.ca.pending_polls = 4;
  world.ca.processing_polls = 3;
  require_done(world, world.run("a.example"));
  CHECK(world.waits == std::vector<std::int64_t>{1, 2, 4, 8, 10, 1, 2, 4});
}

TEST_CASE("a name that does not reach us is refused, with the CA's words", "[acme]") {
  World world;
  world.ca.refuses_name = "b.example";
  const auto end = world.run(World::wish_for({"a.example", "b.example"}));
  require_failure(world, end, FailureKind::refused, "b.example, http-01: nothing of ours is there");
  CHECK(end.failure->type == "connection");
  CHECK(order_state_from_json(world.order_file).value().url.empty());
}

TEST_CASE("a replaced predecessor is left out of a second order", "[acme]") {
  World world;
  Wish wish = World::wish_for({"a.example"});
  wish.replaces = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";
  SECTION("taken") {
    require_done(world, world.run(wish));
    REQUIRE(world.ca.new_orders.size() == 1);
    CHECK(world.ca.new_orders[0].at("replaces") == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  }
  SECTION("refused as replaced, or as unknown") {
    const std::string type = GENERATE("alreadyReplaced", "malformed");
    world.ca.scripted = {{"/new-order", problem(409, type, "it has a successor")}};
    require_done(world, world.run(wish));
    REQUIRE(world.ca.new_orders.size() == 1);
    CHECK_FALSE(world.ca.new_orders[0].contains("replaces"));
  }
  SECTION("refused for another reason the second time") {
    world.ca.scripted = {{"/new-order", problem(409, "alreadyReplaced", "it has a successor")},
                         {"/new-order", problem(400, "malformed", "I do not like you")}};
    require_failure(world, world.run(wish), FailureKind::our_mistake, "I do not like you");
  }
  SECTION("not known to a CA without renewal information") {
    world.ca.renewal_info = false;
    require_done(world, world.run(wish));
    CHECK_FALSE(world.ca.new_orders.at(0).contains("replaces"));
  }
}

TEST_CASE("a profile is asked for if the CA has it", "[acme]") {
  World world;
  world.ca.profiles = {{"classic", "the usual"}, {"shortlived", "6 days"}};
  Wish wish = World::wish_for({"a.example"});
  SECTION("it has") {
    wish.profile = "shortlived";
    require_done(world, world.run(wish));
    CHECK(world.ca.new_orders.at(0).at("profile") == "shortlived");
  }
  SECTION("it has not") {
    wish.profile = "eternal";
    require_failure(world, world.run(wish), FailureKind::our_mistake,
                    "no profile eternal, it offers: classic, shortlived");
    CHECK(world.ca.new_orders.empty());
  }
}

TEST_CASE("the key is of the wanted type, or the given one", "[acme]") {
  World world;
  Wish wish = World::wish_for({"a.example"});
  SECTION("RSA") {
    wish.key_type = CertificateKey::rsa_2048;
    const auto end = world.run(wish);
    require_done(world, end);
    CHECK(loaded(end.done->pem)->pairs.front().key_type == arbortls::cert::KeyType::rsa);
  }
  SECTION("given") {
    const auto first = world.run(wish);
    require_done(world, first);
    world.order_file.clear();
    wish.key_pem = first.done->pem;
    const auto second = world.run(wish);
    require_done(world, second);
    CHECK(loaded(first.done->pem)->pairs[0].key.bytes() ==
          loaded(second.done->pem)->pairs[0].key.bytes());
    CHECK(loaded(first.done->pem)->pairs[0].sha256 != loaded(second.done->pem)->pairs[0].sha256);
  }
  SECTION("new for each order") {
    const auto first = world.run(wish);
    world.order_file.clear();
    const auto second = world.run(wish);
    require_done(world, second);
    CHECK(loaded(first.done->pem)->pairs[0].key.bytes() !=
          loaded(second.done->pem)->pairs[0].key.bytes());
  }
  SECTION("given, but of another type") {
    wish.key_type = CertificateKey::rsa_2048;
    wish.key_pem = make_certificate_key(CertificateKey::ecdsa_p256).value();
    const auto end = world.run(wish);
    require_done(world, end);
    CHECK(loaded(end.done->pem)->pairs.front().key_type == arbortls::cert::KeyType::rsa);
  }
}
