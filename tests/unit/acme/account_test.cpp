#include "acme/account.hpp"

#include "acme/base64url.hpp"
#include "world.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::acme;
using namespace arbortls::acme::test;

namespace {

const std::string customer_key = "a secret between customer and CA";

ExternalAccount customer(const std::string& algorithm = "HS256") {
  return {"customer-1", base64url(customer_key), algorithm};
}

bool is_sound(const World& world, const End& end) {
  INFO(end.text());
  CHECK(world.ca.errors == std::vector<std::string>{});
  CHECK(end.done.has_value());
  return end.done.has_value();
}

}  // namespace

TEST_CASE("an account is made once, with its address and agreement", "[acme]") {
  World world;
  REQUIRE(is_sound(world, world.run("a.example")));
  world.order_file.clear();
  REQUIRE(is_sound(world, world.run("b.example")));
  REQUIRE(world.ca.new_accounts.size() == 1);
  CHECK(json::serialize(world.ca.new_accounts[0].at("contact")) == R"(["mailto:admin@a.example"])");
  const auto state = account_state_from_json(world.account_file).value();
  CHECK(state == AccountState{ca_url + "/account/1", "admin@a.example", ca_url + "/terms"});
}

TEST_CASE("a key whose account is not known here finds it at the CA", "[acme]") {
  World world;
  REQUIRE(is_sound(world, world.run("a.example")));
  world.order_file.clear();
  world.account_file.clear();
  REQUIRE(is_sound(world, world.run("b.example")));
  CHECK(account_state_from_json(world.account_file).value().url == ca_url + "/account/1");
}

TEST_CASE("an account without an address sends none", "[acme]") {
  World world;
  world.settings.email.clear();
  REQUIRE(is_sound(world, world.run("a.example")));
  CHECK(json::serialize(world.ca.new_accounts.at(0).at("contact")) == "[]");
}

TEST_CASE("a new address is told to the CA once", "[acme]") {
  World world;
  REQUIRE(is_sound(world, world.run("a.example")));
  world.settings.email = "other@a.example";
  for (int i = 0; i < 2; ++i) {
    world.order_file.clear();
    REQUIRE(is_sound(world, world.run("a.example")));
  }
  CHECK(world.ca.contacts == std::vector<std::string>{R"({"contact":["mailto:other@a.example"]})"});
  CHECK(world.ca.new_accounts.size() == 1);
}

TEST_CASE("an account that the CA has lost is made anew, once, and the order with it", "[acme]") {
  World world;
  world.steps_until_stop = GENERATE(range(4, 15));
  const auto first = world.run("a.example");
  world.steps_until_stop = -1;
  world.ca.lose_accounts();
  REQUIRE(is_sound(world, world.run("a.example")));
  CHECK(world.ca.new_accounts.size() == 2);
  CHECK(account_state_from_json(world.account_file).value().url == ca_url + "/account/2");
}

TEST_CASE("an account that is lost again and again is a failure of the account", "[acme]") {
  World world;
  for (int i = 0; i < 9; ++i) {
    world.ca.scripted.push_back({"/new-order", problem(400, "accountDoesNotExist", "who are you")});
  }
  const auto end = world.run("a.example");
  CHECK(to_string(end.kind()) == "account");
  CHECK(world.ca.new_accounts.size() == 2);
}

TEST_CASE("changed terms are for the operator, who is told where to read them", "[acme]") {
  World world;
  Reply changed = problem(403, "userActionRequired", "the terms have changed");
  changed.body.insert(changed.body.size() - 1, R"(,"instance":"https://ca.test/agree/17")");
  world.ca.scripted = {{"/new-order", changed}};
  const auto end = world.run("a.example");
  CHECK(to_string(end.kind()) == "account");
  CHECK_THAT(end.text(), Catch::EndsWith("the terms have changed [userActionRequired], see "
                                         "https://ca.test/agree/17"));
}

TEST_CASE("an external account is bound where an account is made, and nowhere else", "[acme]") {
  World world;
  world.ca.external_key = customer_key;
  world.settings.external = customer(GENERATE("HS256", "HS384", "HS512"));
  REQUIRE(is_sound(world, world.run("a.example")));
  REQUIRE(world.ca.new_accounts.size() == 1);
  CHECK(world.ca.new_accounts[0].contains("externalAccountBinding"));
}

TEST_CASE("an external account that cannot be bound is a failure of the account", "[acme]") {
  World world;
  world.ca.external_key = customer_key;
  SECTION("none is configured: nobody needs to be asked") {
    const auto end = world.run("a.example");
    CHECK(to_string(end.kind()) == "account");
    CHECK_THAT(end.text(), Catch::Contains("acme_eab"));
    CHECK(world.ca.new_accounts.empty());
  }
  SECTION("the key is wrong") {
    world.settings.external = customer();
    world.settings.external->hmac_key = base64url("another secret");
    const auto end = world.run("a.example");
    CHECK(to_string(end.kind()) == "account");
    CHECK_THAT(end.text(), Catch::Contains("customers only"));
  }
  SECTION("the key is no base64url") {
    world.settings.external = customer();
    world.settings.external->hmac_key = "not base64url!";
    const auto end = world.run("a.example");
    CHECK(to_string(end.kind()) == "account");
    CHECK_THAT(end.text(), Catch::Contains("base64url") && !Catch::Contains("not base64url!"));
  }
  SECTION("the algorithm is unknown") {
    world.settings.external = customer("none");
    CHECK(to_string(world.run("a.example").kind()) == "account");
  }
}

TEST_CASE("a deactivated account is a failure of the account", "[acme]") {
  World world;
  world.ca.scripted = {
      {"/new-account",
       {200, {{"Location", ca_url + "/account/9"}}, R"({"status":"deactivated"})"}}};
  const auto end = world.run("a.example");
  CHECK(to_string(end.kind()) == "account");
  CHECK_THAT(end.text(), Catch::Contains("deactivated"));
}

TEST_CASE("a refused nonce is answered by a new signature, never by the same bytes", "[acme]") {
  World world;
  world.ca.refused_nonces = GENERATE(1, 2, 12);
  world.ca.nonces_in_refusals = GENERATE(true, false);
  REQUIRE(is_sound(world, world.run("a.example")));
}

TEST_CASE("nonces that are refused without end are a transient failure", "[acme]") {
  World world;
  world.ca.refused_nonces = 1000;
  const auto end = world.run("a.example");
  CHECK(to_string(end.kind()) == "transient");
  CHECK(world.count("POST /new-account") == 4 * 13);
}

TEST_CASE("nonces older than a refused one are not tried", "[acme]") {
  World world;
  Conversation conversation(world.settings, world.key);
  for (int i = 0; i < 5; ++i) {
    conversation.keep({200, {{"Replay-Nonce", "expired" + std::to_string(i)}}, ""}, world.now);
  }
  world.ca.nonces_in_refusals = false;
  world.ca.refused_nonces = 1;
  Exchange exchange(conversation);
  auto outcome = exchange.prepare(world.now);
  while (auto* request = std::get_if<Request>(&outcome)) {
    outcome = exchange.on_reply(world.ca.handle(*request, world.now), world.now);
  }
  CHECK(std::holds_alternative<Exchange::Ready>(outcome));
  CHECK(world.count("POST /new-account") == 2);
}

TEST_CASE("nonces come from all replies, refusals too: one is fetched, at the beginning",
          "[acme]") {
  World world;
  world.ca.scripted = {{"/new-order", {503, {}, ""}}};
  REQUIRE(is_sound(world, world.run("a.example")));
  CHECK(world.count("HEAD /nonce") == 1);
}

TEST_CASE("a directory that cannot be used is a transient failure", "[acme]") {
  const std::string body = GENERATE(
      "", "<html>", "{}", R"({"newNonce":"https://ca.test/n","newAccount":"https://ca.test/a"})",
      R"({"newNonce":"http://ca.test/n","newAccount":"http://ca.test/a",)"
      R"("newOrder":"http://ca.test/o"})");
  World world;
  Conversation conversation(world.settings, world.key);
  Exchange exchange(conversation);
  REQUIRE(std::holds_alternative<Request>(exchange.prepare(world.now)));
  const auto outcome = exchange.on_reply({200, {}, body}, world.now);
  REQUIRE(std::holds_alternative<Failure>(outcome));
  CHECK(to_string(std::get<Failure>(outcome).kind) == "transient");
}

TEST_CASE("a directory is read again after a day", "[acme]") {
  World world;
  Conversation conversation(world.settings, world.key,
                            {ca_url + "/account/1", "admin@a.example", ""});
  Exchange exchange(conversation);
  const auto greet = [&] {
    auto outcome = exchange.prepare(world.now);
    while (auto* request = std::get_if<Request>(&outcome)) {
      outcome = exchange.on_reply(world.ca.handle(*request, world.now), world.now);
    }
    return std::holds_alternative<Exchange::Ready>(outcome);
  };
  REQUIRE(greet());
  world.now += 23 * 3600;
  REQUIRE(greet());
  CHECK(world.count("GET /directory") == 1);
  world.now += 2 * 3600;
  REQUIRE(greet());
  CHECK(world.count("GET /directory") == 2);
}

TEST_CASE("an account's state that is none is an error", "[acme]") {
  const std::string text = GENERATE("", "[]", "{", R"({"url":"ftp://ca.test"})");
  CHECK_FALSE(account_state_from_json(text).has_value());
}
