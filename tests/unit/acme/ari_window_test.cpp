#include "acme/ari_window.hpp"

#include <catch2/catch.hpp>

#include <limits>

namespace arbortls::acme {
namespace {

constexpr std::int64_t hour = 3600;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t made = 1'800'000'000;
constexpr Life life{made, made + 90 * day};
constexpr Window window{made + 50 * day, made + 52 * day};
constexpr std::int64_t by_age = made + 60 * day;
constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto most = std::numeric_limits<std::int64_t>::max();

TEST_CASE("The moment is drawn uniformly from the window") {
  CHECK(follow(std::nullopt, "id", window, 0).moment == window.start);
  CHECK(follow(std::nullopt, "id", window, 0.5).moment == window.start + day);
  CHECK(follow(std::nullopt, "id", window, 0.9999).moment < window.end);
}

TEST_CASE("The moment is drawn anew only for another window or another certificate") {
  const Suggestion first = follow(std::nullopt, "id", window, 0.25);
  CHECK(follow(first, "id", window, 0.75) == first);
  const Window moved{window.start, window.end + hour};
  CHECK(follow(first, "id", moved, 0.75).moment == moved.start + (2 * day + hour) * 3 / 4);
  CHECK(follow(first, "id", moved, 0.75).window == moved);
  const Suggestion other = follow(first, "other", window, 0.75);
  CHECK(other.certificate_id == "other");
  CHECK(other.moment != first.moment);
}

TEST_CASE("A suggestion moves the renewal of its own certificate only") {
  const Suggestion suggestion = follow(std::nullopt, "id", window, 0.5);
  CHECK(renewal_time(life, by_age, "id", suggestion) == suggestion.moment);
  CHECK(renewal_time(life, by_age, "other", suggestion) == by_age);
  CHECK(renewal_time(life, by_age, "id", std::nullopt) == by_age);
}

TEST_CASE(
    "A suggestion may be later than the certificate's age alone says, but not than its last call") {
  const Suggestion later = follow(std::nullopt, "id", {made + 70 * day, made + 71 * day}, 0.5);
  CHECK(renewal_time(life, by_age, "id", later) == made + 70 * day + day / 2);
  const Suggestion too_late = follow(std::nullopt, "id", {made + 88 * day, made + 89 * day}, 0.5);
  CHECK(renewal_time(life, by_age, "id", too_late) == last_call(life));
}

TEST_CASE("A window in the past means at once") {
  const std::int64_t now = made + 10 * day;
  const Window past{now - 2 * hour, now - hour};
  REQUIRE(is_sensible(past, life));
  CHECK(renewal_time(life, by_age, "id", follow(std::nullopt, "id", past, 0.5)) < now);
}

TEST_CASE("Windows that cannot be meant are ignored") {
  const auto [given, sensible] = GENERATE(table<Window, bool>({
      {window, true},
      {{window.end, window.start}, false},
      {{window.start, window.start}, false},
      {{0, 0}, false},
      {{made - 2 * day, made - day}, false},            // before it was made
      {{life.not_after, life.not_after + day}, false},  // after its end
      {{made - hour, made + hour}, true},
      {{life.not_after - hour, life.not_after + day}, true},
      {{made, life.not_after}, true},
      {{made, life.not_after + 1}, false},  // longer than the life
      {{0, window.end}, false},
      {{least, most}, false},
      {{most, least}, false},
      {{least, made + 1}, false},
      {{made, most}, false},
  }));
  CAPTURE(given.start, given.end);
  CHECK(is_sensible(given, life) == sensible);
  const Suggestion suggestion{"id", given, given.start};
  if (!sensible) CHECK(renewal_time(life, by_age, "id", suggestion) == by_age);
}

TEST_CASE("Renewal information is asked for again when the CA says, within a minute and a day") {
  const auto [asked, next] = GENERATE(table<std::optional<std::int64_t>, std::int64_t>({
      {std::nullopt, made + 6 * hour},
      {made + hour, made + hour},
      {made, made + 60},
      {made - 5 * day, made + 60},
      {made + 30 * day, made + day},
      {most, made + day},
  }));
  CHECK(next_poll(made, asked) == next);
}

}  // namespace
}  // namespace arbortls::acme
