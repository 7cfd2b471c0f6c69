#include "log/every.hpp"

#include <catch2/catch.hpp>

namespace arbortls::log {
namespace {

using namespace std::chrono_literals;

TEST_CASE("One line passes per interval, with the count of those held back") {
  Every every(1min);
  const Every::Clock::time_point start{};
  CHECK(every.pass(start) == 0U);
  CHECK_FALSE(every.pass(start).has_value());
  CHECK_FALSE(every.pass(start + 59s).has_value());
  CHECK(every.pass(start + 60s) == 2U);
  CHECK_FALSE(every.pass(start + 119s).has_value());
  CHECK(every.pass(start + 10min) == 1U);
  CHECK(every.pass(start + 20min) == 0U);
}

TEST_CASE("The first line passes whatever the clock says") {
  Every every(1h);
  CHECK(every.pass(Every::Clock::time_point::min()).has_value());
}

TEST_CASE("An interval of nothing holds nothing back") {
  Every every(0s);
  for (int i = 0; i < 3; ++i) CHECK(every.pass({}) == 0U);
}

}  // namespace
}  // namespace arbortls::log
