// Orders that outlive a process, a connection or their CA's memory.

#include "acme/order.hpp"

#include "order_checks.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::acme;
using namespace arbortls::acme::test;
using arbortls::test::test_now;

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

TEST_CASE("an order that expired or was lost is placed anew, once", "[acme]") {
  World world;
  world.steps_until_stop = 7;
  REQUIRE(world.run("a.example").stopped);
  REQUIRE(world.count("POST /new-order") == 1);
  world.steps_until_stop = -1;
  SECTION("expired") { world.ca.expire_orders(); }
  SECTION("lost") { world.ca.lose_orders(); }
  SECTION("its authorization was refused while nobody was there") {
    world.ca.scripted = {{"/authorization",
                          {200,
                           {},
                           R"({"identifier":{"type":"dns","value":"a.example"},)"
                           R"("status":"invalid","challenges":[]})"}}};
  }
  require_done(world, world.run("a.example"));
  CHECK(world.count("POST /new-order") == 2);
}

TEST_CASE("a directory may grow too old between any request and its reply", "[acme]") {
  World world;
  world.reply_takes = 25 * 3600;
  world.ca.profiles = {{"classic", "the usual"}};
  Wish wish = World::wish_for({"a.example"});
  wish.profile = "classic";
  SECTION("all is well") {}
  SECTION("the order is lost besides") {
    world.ca.scripted = {{"/authorization", problem(404, "malformed", "gone")}};
  }
  require_done(world, world.run(wish));
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

TEST_CASE("a challenge that cannot be published ends the order, which is gone on with", "[acme]") {
  World world;
  world.publishing_fails = true;
  require_failure(world, world.run("a.example"), FailureKind::transient, "the hook program failed");
  world.publishing_fails = false;
  require_done(world, world.run("a.example"));
  CHECK(world.count("POST /new-order") == 1);
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
