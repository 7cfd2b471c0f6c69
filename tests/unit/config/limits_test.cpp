#include "config/describe.hpp"
#include "unit/config/support.hpp"

#include <catch2/catch.hpp>

using namespace arbortls;
using namespace arbortls::config;
using namespace arbortls::config::test;

namespace {

Settings settings_of(const std::string& text) {
  Parsed parsed = parse(text, "/etc/a.yaml");
  CHECK(lines(parsed.problems) == std::vector<std::string>{});
  return std::move(parsed.settings);
}

}  // namespace

TEST_CASE("nothing is limited unless it is set", "[config]") {
  const Settings s = settings_of(sound());
  CHECK(s.limits.handshakes == AtMost{});
  CHECK(s.limits.handshakes_per_address == AtMost{});
  CHECK(s.limits.connections_per_second_per_address == AtMost{});
  CHECK(s.limits.exempt.empty());
}

TEST_CASE("every limit is read", "[config]") {
  const Settings s = settings_of(sound() + R"(
limits:
  handshakes: 5000
  handshakes_per_address: 100
  connections_per_second_per_address: 20
  connection_burst_per_address: 200
  exempt: [192.0.2.0/24, "2001:db8::1", unix]
)");
  CHECK(s.limits.handshakes.count == 5000);
  CHECK(s.limits.handshakes_per_address.count == 100);
  CHECK(s.limits.connections_per_second_per_address.count == 20);
  CHECK(s.limits.connection_burst_per_address == 200);
  REQUIRE(s.limits.exempt.size() == 3);
  CHECK(s.limits.exempt[1].value == "2001:db8::1");
}

TEST_CASE("a limit is `none` or a whole number, and is read back as it is shown", "[config]") {
  const auto [text, count] = GENERATE(table<std::string, int>({
      {"none", 0},
      {"1", 1},
      {"100000000", 100'000'000},
  }));
  const Settings s = settings_of(sound() + "limits: {handshakes: " + text + "}");
  CHECK(s.limits.handshakes.count == count);
  CHECK(to_text(s.limits.handshakes) == text);
}

TEST_CASE("what is no limit is refused with its place and what would be right", "[config]") {
  const auto text = GENERATE(as<std::string>{}, "0", "-1", "1.5", "100000001", "\"7\"", "off", "[]");
  const Parsed parsed = parse(sound() + "limits: {handshakes: " + text + "}\n", "f");
  REQUIRE(parsed.problems.size() == 1);
  CHECK(parsed.problems[0].key == "limits.handshakes");
  CHECK_THAT(parsed.problems[0].message, Catch::Contains("`none`, or a whole number"));
}

TEST_CASE("a domain's limits are inherited settings", "[config]") {
  const Settings s = settings_of(
      sound() + "domains: [{name: b.example, max_connections: 10, max_handshakes: none}]\n");
  const Inherited& set = s.domains.at(0).inherited;
  REQUIRE(set.max_connections);
  REQUIRE(set.max_handshakes);
  CHECK(set.max_connections->value.count == 10);
  CHECK(set.max_handshakes->value.count == 0);
  CHECK(sets_any(set));
  CHECK_FALSE(sets_any(Inherited{}));
}
