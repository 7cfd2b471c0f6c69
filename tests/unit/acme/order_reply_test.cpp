// What replies that are late, refused or senseless make of an order.

#include "acme/order.hpp"

#include "order_checks.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::acme;
using namespace arbortls::acme::test;
using arbortls::test::test_now;

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
      {"/new-order", R"({"status":"pending","authorizations":["http://ca.test/1"],)"
                     R"("finalize":"https://ca.test/f"})"},
      {"/new-order", R"({"status":"pending","authorizations":["https://ca.test/1\r\nHost: b"],)"
                     R"("finalize":"https://ca.test/f"})"},
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
