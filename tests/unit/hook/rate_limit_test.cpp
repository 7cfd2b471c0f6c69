#include "hook/rate_limit.hpp"

#include <catch2/catch.hpp>

namespace arbortls::hook {
namespace {

using namespace std::chrono_literals;
const RateLimit::Clock::time_point now{1h};

TEST_CASE("A key passes so often within any span, and keys do not share") {
  RateLimit limit(2, 10s);
  CHECK(limit.pass("a", now));
  CHECK(limit.pass("a", now + 9s));
  CHECK_FALSE(limit.pass("a", now + 9s));
  CHECK(limit.pass("b", now + 9s));
  CHECK(limit.pass("a", now + 10s));
  CHECK_FALSE(limit.pass("a", now + 18s));
  CHECK(limit.pass("a", now + 19s));
}

TEST_CASE("A limit of nothing lets nothing pass") {
  RateLimit limit(0, 10s);
  CHECK_FALSE(limit.pass("a", now));
}

}  // namespace
}  // namespace arbortls::hook
