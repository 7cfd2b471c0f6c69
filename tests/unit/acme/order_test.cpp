#include "acme/order.hpp"

#include "cert/load.hpp"
#include "world.hpp"

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

void require_done(const World& world, const End& end) {
  INFO(end.text());
  REQUIRE(end.done);
  CHECK(world.published.empty());
  CHECK(world.ca.errors == std::vector<std::string>{});
}

void require_failure(const World& world, const End& end, FailureKind kind,
                     const std::string& text) {
  REQUIRE(end.failure);
  CHECK(to_string(end.failure->kind) == to_string(kind));
  CHECK_THAT(end.failure->text, Catch::Contains(text));
  CHECK(world.published.empty());
  CHECK(world.ca.errors == std::vector<std::string>{});
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

TEST_CASE("Retry-After is honoured in both forms", "[acme]") {
  World world;
  world.ca.pending_polls = 1;
  world.ca.processing_polls = 1;
  SECTION("seconds") {
    world.ca.retry_after = "17";
    require_done(world, world.run("a.example"));
    CHECK(world.waits == std::vector<std::int64_t>{1, 17, 17});
  }
  SECTION("a date") {
    world.ca.retry_after = "Mon, 01 Jun 2026 00:05:00 GMT";
    require_done(world, world.run("a.example"));
    CHECK(world.waits == std::vector<std::int64_t>{1, 299, 1});
  }
  SECTION("a past date") {
    world.ca.retry_after = "Mon, 01 Jun 1998 00:05:00 GMT";
    require_done(world, world.run("a.example"));
    CHECK(world.waits == std::vector<std::int64_t>{1, 1, 1});
  }
}

TEST_CASE("an order is not waited for without end, and can be gone on with", "[acme]") {
  World world;
  world.ca.pending_polls = 1000000;
  const auto end = world.run("a.example");
  require_failure(world, end, FailureKind::transient,
                  "the authorization of a.example: not done after 29 minutes");
  CHECK(world.now - test_now < 1900);
  world.ca.pending_polls = 0;
  require_done(world, world.run("a.example"));
  CHECK(world.ca.issued == 1);
}

TEST_CASE("a long Retry-After ends the order for now", "[acme]") {
  World world;
  world.ca.processing_polls = 1;
  world.ca.retry_after = "7200";
  const auto end = world.run("a.example");
  require_failure(world, end, FailureKind::transient, "waiting for the certificate");
  CHECK(end.failure->retry_at == world.now + 7200);
  world.now += 7200;
  require_done(world, world.run("a.example"));
  CHECK(world.ca.issued == 1);
}

TEST_CASE("a name that does not reach us is refused, with the CA's words", "[acme]") {
  World world;
  world.ca.refuses_name = "b.example";
  const auto end = world.run(World::wish_for({"a.example", "b.example"}));
  require_failure(world, end, FailureKind::refused, "b.example, http-01: nothing of ours is there");
  CHECK(end.failure->type == "connection");
  CHECK(order_state_from_json(world.order_file).value().url.empty());
}

TEST_CASE("refused replies become failures of their kind", "[acme]") {
  const auto [path, reply, kind,
              text] = GENERATE(table<std::string, Reply, FailureKind, std::string>({
      {"/new-order", problem(403, "rejectedIdentifier", "no"), FailureKind::refused,
       "making an order: no"},
      {"/new-order", problem(400, "unsupportedIdentifier", "no"), FailureKind::our_mistake, "no"},
      {"/new-order", problem(403, "caa", "CAA says no"), FailureKind::refused, "CAA says no [caa]"},
      {"/new-order", problem(403, "userActionRequired", "new terms"), FailureKind::account,
       "new terms"},
      {"/finalize", problem(400, "badCSR", "no"), FailureKind::our_mistake,
       "sending the certificate request: no"},
      {"/new-account", problem(400, "invalidContact", "no"), FailureKind::account,
       "making an account: no"},
      {"/new-account", problem(403, "unauthorized", "gone"), FailureKind::account, "gone"},
      {"/new-account", problem(400, "malformed", "gone"), FailureKind::account, "gone"},
  }));
  World world;
  world.ca.scripted = {{path, reply}};
  require_failure(world, world.run("a.example"), kind, text);
}

TEST_CASE("rate limits end the order at once, and say until when", "[acme]") {
  const auto [header, seconds] = GENERATE(table<std::string, std::int64_t>({
      {"3600", 3600},
      {"Mon, 01 Jun 2026 02:00:00 GMT", 7200},
      {"99999999999999999999", 24 * 3600},
      {"Mon, 01 Jun 2099 02:00:00 GMT", 24 * 3600},
  }));
  World world;
  world.ca.scripted = {
      {"/new-order", problem(429, "rateLimited", "too many", {{"retry-after", header}})}};
  const auto end = world.run("a.example");
  require_failure(world, end, FailureKind::rate_limited, "too many");
  CHECK(end.failure->retry_at == test_now + seconds);
  CHECK(world.waits.empty());
}

TEST_CASE("a short rate limit is waited for", "[acme]") {
  World world;
  world.ca.scripted = {
      {"/new-order", problem(429, "rateLimited", "slowly", {{"Retry-After", "20"}})}};
  require_done(world, world.run("a.example"));
  CHECK(world.waits.front() == 20);
}

TEST_CASE("a rate limit without a time ends the order", "[acme]") {
  World world;
  world.ca.scripted = {{"/new-order", {429, {}, "slow down"}}};
  const auto end = world.run("a.example");
  require_failure(world, end, FailureKind::rate_limited, "HTTP status 429");
  CHECK_FALSE(end.failure->retry_at);
}

TEST_CASE("a server's trouble is tried again three times, then left for later", "[acme]") {
  World world;
  for (int i = 0; i < 4; ++i) world.ca.scripted.push_back({"/new-order", {503, {}, "<html>"}});
  SECTION("left") {
    require_failure(world, world.run("a.example"), FailureKind::transient, "HTTP status 503");
    CHECK(world.waits == std::vector<std::int64_t>{2, 8, 30});
    require_done(world, world.run("a.example"));
  }
  SECTION("over in time") {
    world.ca.scripted.pop_back();
    require_done(world, world.run("a.example"));
  }
}

TEST_CASE("lost replies are made up for wherever they are lost", "[acme]") {
  const int lost_at = GENERATE(range(0, 12));
  World world;
  world.ca.know_processing = true;
  world.steps_until_stop = lost_at;
  REQUIRE(world.run("a.example").stopped);
  world.steps_until_stop = -1;
  world.lost_replies = 1;
  require_done(world, world.run("a.example"));
  CHECK(world.ca.issued == 1);
}

TEST_CASE("a CA that is down is a transient failure, without control bytes in the text", "[acme]") {
  World world;
  world.lost_replies = 4;
  const auto end = world.run("a.example");
  require_failure(world, end, FailureKind::transient, "greeting the CA: connection?reset");
  require_done(world, world.run("a.example"));
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

TEST_CASE("a certificate that was not asked for is not used", "[acme]") {
  World world;
  SECTION("another key") {
    world.ca.foreign_key = true;
    require_failure(world, world.run("a.example"), FailureKind::refused, "cannot be used");
  }
  SECTION("other names") {
    world.ca.foreign_name = "evil.example";
    require_failure(world, world.run("a.example"), FailureKind::refused,
                    "does not cover a.example");
  }
  SECTION("no certificate") {
    world.ca.scripted = {{"/certificate", {200, {}, "<html>busy</html>"}}};
    require_failure(world, world.run("a.example"), FailureKind::refused, "no certificate found");
  }
  CHECK(order_state_from_json(world.order_file).value() == OrderState{{"a.example"}});
}

TEST_CASE("clocks that do not agree cost no second certificate", "[acme]") {
  const std::int64_t ahead = GENERATE(7200, -100 * 86400);
  World world;
  world.ca.clock_ahead = ahead;
  const auto end = world.run("a.example");
  require_failure(world, end, FailureKind::transient,
                  ahead > 0 ? "the CA's clock is 7200 s ahead of this machine's"
                            : "the CA's clock is 8640000 s behind this machine's");
  world.now += ahead;
  require_done(world, world.run("a.example"));
  CHECK(world.ca.issued == 1);
}

TEST_CASE("an order that expired or was lost is placed anew, once", "[acme]") {
  World world;
  world.steps_until_stop = 7;
  REQUIRE(world.run("a.example").stopped);
  REQUIRE(world.count("POST /new-order") == 1);
  world.steps_until_stop = -1;
  SECTION("expired") { world.ca.expire_orders(); }
  SECTION("lost") { world.ca.lose_orders(); }
  SECTION("its authorization was refused while nobody was there") {
    world.ca.scripted = {
        {"/authorization",
         {200,
          {},
          R"({"identifier":{"type":"dns","value":"a.example"},"status":"invalid","challenges":[]})"}}};
  }
  require_done(world, world.run("a.example"));
  CHECK(world.count("POST /new-order") == 2);
}

TEST_CASE("an order that is lost again and again is given up", "[acme]") {
  World world;
  for (int i = 0; i < 9; ++i)
    world.ca.scripted.push_back({"/authorization", problem(404, "malformed", "gone")});
  require_failure(world, world.run("a.example"), FailureKind::our_mistake, "gone");
  CHECK(world.count("POST /new-order") == 2);
}

TEST_CASE("an order that came to nothing is not gone on with", "[acme]") {
  World world;
  world.ca.scripted = {
      {"/finalize",
       {200, {}, R"({"status":"invalid","authorizations":[],"finalize":"https://ca.test/finalize/1",
    "error":{"type":"urn:ietf:params:acme:error:serverInternal","detail":"the signer broke"}})"}}};
  require_failure(world, world.run("a.example"), FailureKind::transient,
                  "the order: the signer broke");
  require_done(world, world.run("a.example"));
}

TEST_CASE("answers that are no objects of the protocol are transient failures", "[acme]") {
  const std::string path = GENERATE("/new-order", "/authorization", "/finalize");
  const std::string body =
      GENERATE("", "null", "[]", "{}", "{\"status\":5}", "{\"status\":\"valid\"", "\xff\xfe");
  World world;
  for (int i = 0; i < 4; ++i)
    world.ca.scripted.push_back({path, {200, {{"Location", ca_url + "/order/1"}}, body}});
  require_failure(world, world.run("a.example"), FailureKind::transient,
                  "the CA's answer cannot be used");
}

TEST_CASE("URLs that are not https, and tokens that are none, are not used", "[acme]") {
  const auto [path, reply] = GENERATE(table<std::string, std::string>({
      {"/new-order",
       R"({"status":"pending","authorizations":["http://ca.test/1"],"finalize":"https://ca.test/f"})"},
      {"/new-order",
       R"({"status":"pending","authorizations":["https://ca.test/1\r\nHost: b"],"finalize":"https://ca.test/f"})"},
      {"/new-order", R"({"status":"ready","authorizations":[],"finalize":"file:///etc/passwd"})"},
      {"/authorization",
       R"({"identifier":{"value":"other.example"},"status":"pending","challenges":[]})"},
  }));
  World world;
  for (int i = 0; i < 4; ++i)
    world.ca.scripted.push_back({path, {200, {{"Location", ca_url + "/order/1"}}, reply}});
  require_failure(world, world.run("a.example"), FailureKind::transient,
                  "the CA's answer cannot be used");
  CHECK(world.ever_published.empty());
}

TEST_CASE("a token that would leave its directory is no challenge", "[acme]") {
  const std::string token = GENERATE("../../etc/passwd", "a b", "", "a\\r\\nb");
  World world;
  world.ca.scripted = {{"/authorization",
                        {200,
                         {},
                         R"({"identifier":{"value":"a.example"},"status":"pending","challenges":[
    {"type":"http-01","url":"https://ca.test/challenge/1/http-01","status":"pending","token":")" +
                             token + "\"}]}"}}};
  require_failure(world, world.run("a.example"), FailureKind::our_mistake, "allowed are");
  CHECK(world.ever_published.empty());
}

TEST_CASE("a challenge that cannot be published ends the order, which is gone on with", "[acme]") {
  World world;
  world.publishing_fails = true;
  require_failure(world, world.run("a.example"), FailureKind::transient, "the hook program failed");
  world.publishing_fails = false;
  require_done(world, world.run("a.example"));
  CHECK(world.count("POST /new-order") == 1);
}

TEST_CASE("an answer that the CA does not want, though it waits for one, is a failure", "[acme]") {
  World world;
  world.ca.scripted = {{"/challenge", problem(403, "unauthorized", "not like this")}};
  require_failure(world, world.run("a.example"), FailureKind::refused, "not like this");
}

TEST_CASE("an order that is not ready after all is looked at again", "[acme]") {
  World world;
  world.ca.scripted = {{"/finalize", problem(403, "orderNotReady", "in a moment")}};
  require_done(world, world.run("a.example"));
  for (int i = 0; i < 9; ++i)
    world.ca.scripted.push_back({"/finalize", problem(403, "orderNotReady", "never")});
  world.order_file.clear();
  require_failure(world, world.run("a.example"), FailureKind::our_mistake, "never");
}

TEST_CASE("a process that ends before any step goes on where it stood", "[acme]") {
  const bool sent = GENERATE(false, true);         // the CA has seen the last request
  const bool still_there = GENERATE(true, false);  // what was published
  int lives = 0;
  for (int stop = 0;; ++stop) {
    CAPTURE(stop, sent, still_there);
    World world;
    world.ca.know_processing = true;
    world.ca.pending_polls = 1;
    world.ca.processing_polls = 1;
    world.last_request_sent = sent;
    world.steps_until_stop = stop;
    const Wish wish = World::wish_for({"a.example", "b.example"});
    const auto first = world.run(wish);
    world.steps_until_stop = -1;
    if (first.done) break;
    if (!still_there) world.published.clear();
    require_done(world, world.run(wish));
    CHECK(world.ca.issued == 1);
    CHECK(world.ca.new_orders.size() <= 2);
    if (!sent && still_there) CHECK(world.ca.new_orders.size() == 1);
    ++lives;
  }
  CHECK(lives > 20);
}

TEST_CASE("a challenge that was published before a process ended is unpublished by the next",
          "[acme]") {
  World world;
  world.steps_until_stop = 8;
  REQUIRE(world.run("a.example").stopped);
  REQUIRE(world.published.size() == 1);
  world.steps_until_stop = -1;
  SECTION("the same order") { require_done(world, world.run("a.example")); }
  SECTION("one for other names") { require_done(world, world.run("b.example")); }
  CHECK(world.published.empty());
}

TEST_CASE("an order that is done gives its certificate once more until it is forgotten", "[acme]") {
  World world;
  const auto first = world.run("a.example");
  const auto second = world.run("a.example");
  require_done(world, second);
  CHECK(first.done->pem == second.done->pem);
  CHECK(world.ca.issued == 1);
}

TEST_CASE("an order's state survives its JSON", "[acme]") {
  const OrderState state{{"a.example", "*.b.example"},
                         ca_url + "/account/1",
                         ca_url + "/order/1",
                         "-----BEGIN\nkey\"\\",
                         true,
                         {{ChallengeType::dns_01, "b.example", "token", "token.thumb"}}};
  CHECK(order_state_from_json(to_json(state)).value() == state);
  CHECK(order_state_from_json(to_json(OrderState{})).value() == OrderState{});
  CHECK_FALSE(order_state_from_json("[]").has_value());
  CHECK_FALSE(order_state_from_json(R"({"url":"http://ca.test/"})").has_value());
  CHECK_FALSE(order_state_from_json(R"({"published":[{"type":"carrier-pigeon-01"}]})").has_value());
}
