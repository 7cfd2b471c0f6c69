#include "watch/settling.hpp"

#include <catch2/catch.hpp>

namespace arbortls::watch {
namespace {

using namespace std::chrono_literals;
using Paths = std::vector<std::string>;
constexpr Clock::time_point start{1h};

TEST_CASE("What is to be reported at once comes with the next take, once") {
  Settling settling(300ms);
  settling.at_once("a");
  settling.at_once("a");
  CHECK(settling.next_deadline() == Clock::time_point::min());
  CHECK(settling.take(start) == Paths{"a"});
  CHECK(settling.take(start).empty());
  CHECK(settling.next_deadline() == Clock::time_point::max());
}

TEST_CASE("Each further event puts the report off") {
  Settling settling(300ms);
  settling.when_quiet("a", start);
  settling.when_quiet("a", start + 200ms);
  CHECK(settling.take(start + 400ms).empty());
  CHECK(settling.next_deadline() == start + 500ms);
  CHECK(settling.take(start + 500ms) == Paths{"a"});
}

TEST_CASE("A report is not put off beyond ten settling times") {
  Settling settling(300ms);
  auto now = start;
  for (; now < start + 3s; now += 100ms) {
    settling.when_quiet("a", now);
    REQUIRE(settling.take(now).empty());
  }
  CHECK(settling.take(now) == Paths{"a"});
}

TEST_CASE("Paths settle apart from each other") {
  Settling settling(300ms);
  settling.when_quiet("a", start);
  settling.when_quiet("b", start + 100ms);
  settling.when_quiet("a", start + 250ms);
  CHECK(settling.take(start + 400ms) == Paths{"b"});
  CHECK(settling.take(start + 550ms) == Paths{"a"});
}

TEST_CASE("A report at once ends the waiting, and clear ends all") {
  Settling settling(300ms);
  settling.when_quiet("a", start);
  settling.at_once("a");
  CHECK(settling.take(start) == Paths{"a"});
  CHECK(settling.take(start + 1s).empty());
  settling.when_quiet("b", start);
  settling.at_once("c");
  settling.clear();
  CHECK(settling.take(start + 1s).empty());
}

}  // namespace
}  // namespace arbortls::watch
