#pragma once
// How a test says what an order has to end with.

#include "world.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace arbortls::acme::test {

inline void require_done(const World& world, const End& end) {
  INFO(end.text());
  REQUIRE(end.done);
  CHECK(world.published.empty());
  CHECK(world.ca.errors == std::vector<std::string>{});
}

inline void require_failure(const World& world, const End& end, FailureKind kind,
                            const std::string& text) {
  REQUIRE(end.failure);
  CHECK(to_string(end.failure->kind) == to_string(kind));
  CHECK_THAT(end.failure->text, Catch::Contains(text));
  CHECK(world.published.empty());
  CHECK(world.ca.errors == std::vector<std::string>{});
}

}  // namespace arbortls::acme::test
