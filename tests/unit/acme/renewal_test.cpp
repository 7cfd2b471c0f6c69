#include "acme/renewal.hpp"

#include <catch2/catch.hpp>

namespace arbortls::acme {
namespace {

constexpr std::int64_t day = 24 * 3600;
constexpr std::int64_t made = 1'800'000'000;

Life life_of(std::int64_t days) { return {made, made + days * day}; }

TEST_CASE("A certificate is renewed at two thirds of its life, a short-lived one at half of it") {
  const auto [days, at] = GENERATE(table<std::int64_t, std::int64_t>({{90, 60 * day},
                                                                      {45, 30 * day},
                                                                      {366, 244 * day},
                                                                      {11, 7 * day + day / 3},
                                                                      {10, 5 * day},
                                                                      {6, 3 * day},
                                                                      {1, day / 2},
                                                                      {0, 0}}));
  CAPTURE(days);
  CHECK(renewal_by_age(life_of(days), 0.5) == made + at);
}

TEST_CASE("Renewals are spread over a fiftieth of the life to both sides") {
  const Life life = life_of(100);
  const auto middle = renewal_by_age(life, 0.5);
  CHECK(renewal_by_age(life, 0) == middle - 2 * day);
  CHECK(renewal_by_age(life, 0.75) == middle + day);
  CHECK(renewal_by_age(life, 0.999999) < middle + 2 * day);
}

TEST_CASE("The last call is the last twentieth of the life") {
  CHECK(last_call(life_of(100)) == made + 95 * day);
  CHECK(last_call(life_of(0)) == made);
}

TEST_CASE("A certificate that ends before it begins is renewed at once") {
  const Life nonsense{made, made - day};
  CHECK(renewal_by_age(nonsense, 0.9) <= made);
  CHECK(last_call(nonsense) <= made);
}

}  // namespace
}  // namespace arbortls::acme
