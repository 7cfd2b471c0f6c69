#include "server/limits.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace arbortls;
using namespace std::chrono_literals;

TEST_CASE("a configuration without limits limits nothing", "[server]") {
  const session::AdmissionRules rules = server::admission_rules({});
  CHECK(rules.handshakes == 0);
  CHECK_FALSE(rules.address.any());
}

TEST_CASE("a rate becomes the time between two connections, a burst as many of them", "[server]") {
  config::Limits limits;
  limits.handshakes.count = 5000;
  limits.handshakes_per_address.count = 7;
  limits.connections_per_second_per_address.count = 20;
  limits.connection_burst_per_address = 100;
  limits.exempt = {{"192.0.2.0/24", {}}};
  const session::AdmissionRules rules = server::admission_rules(limits);
  CHECK(rules.handshakes == 5000);
  CHECK(rules.address.handshakes == 7);
  CHECK(rules.address.interval == 50ms);
  CHECK(rules.address.burst == 5s);
  CHECK(rules.exempt.contains(*net::Address::from_ip("192.0.2.9")));
}

TEST_CASE("status shows the fullest limited domains first, and no endless list", "[server]") {
  session::UsageTable usage;
  std::vector<session::Held> held;
  const auto take = [&](const std::string& holder, bool of_listener, int times) {
    for (int i = 0; i < times; ++i) held.push_back(usage.take({3, of_listener, holder}, &session::Usage::connections));
  };
  for (int i = 0; i < 50; ++i) take(std::to_string(i) + ".example", false, 1);
  take("full.example", false, 5);
  take("wss", true, 2);
  const auto rows = server::domain_limits_json(usage);
  REQUIRE(rows.size() == 20);
  CHECK(boost::json::serialize(rows[0]) ==
        R"({"set_by":"full.example","connections":"3 of 3","handshakes":"not limited","refused":2})");
  CHECK(boost::json::serialize(rows[1]) ==
        R"({"set_by":"listener wss","connections":"2 of 3","handshakes":"not limited","refused":0})");
}
