#include "acme/backoff.hpp"

#include <catch2/catch.hpp>

namespace arbortls::acme {
namespace {

constexpr std::int64_t day = 24 * 3600;
constexpr std::int64_t now = 1'800'000'000;
constexpr double middle = 0.5;

Failure failure(FailureKind kind, std::optional<std::int64_t> retry_at = std::nullopt) {
  Failure made;
  made.kind = kind;
  made.retry_at = retry_at;
  return made;
}

Backoff after(std::int64_t failures, FailureKind kind, double chance) {
  Backoff backoff;
  for (; failures > 0; --failures) backoff = after_failure(backoff, failure(kind), now, chance);
  return backoff;
}

TEST_CASE("The delay doubles from half a minute to a day") {
  const auto [failures, delay] = GENERATE(table<std::int64_t, std::int64_t>({{1, 30},
                                                                             {2, 60},
                                                                             {3, 120},
                                                                             {4, 240},
                                                                             {11, 30 * 1024},
                                                                             {12, 30 * 2048},
                                                                             {13, day},
                                                                             {14, day},
                                                                             {200, day}}));
  CAPTURE(failures);
  for (const auto kind :
       {FailureKind::transient, FailureKind::refused, FailureKind::rate_limited}) {
    CHECK(after(failures, kind, middle) == Backoff{failures, now + delay});
  }
}

TEST_CASE("The delay is up to half as short or half as long again") {
  CHECK(after(3, FailureKind::transient, 0).next_try == now + 60);
  CHECK(after(3, FailureKind::transient, 0.75).next_try == now + 150);
  CHECK(after(50, FailureKind::transient, 0.999).next_try < now + day + day / 2);
}

TEST_CASE("A mistake of our own is tried again in a day") {
  CHECK(after(1, FailureKind::our_mistake, middle).next_try == now + day);
  CHECK(after(1, FailureKind::account, middle).next_try == now + day);
}

TEST_CASE("The CA's wish counts where it is later, up to a day and a half") {
  const auto [retry_at, next_try] =
      GENERATE(table<std::int64_t, std::int64_t>({{now + 5, now + 30},
                                                  {now - 1000, now + 30},
                                                  {now + 300, now + 300},
                                                  {now + 100 * day, now + day + day / 2}}));
  const auto limited = failure(FailureKind::rate_limited, retry_at);
  CHECK(after_failure({}, limited, now, middle) == Backoff{1, next_try});
}

TEST_CASE("A domain may be tried when its time has come, and when the clock was ahead") {
  const Backoff backoff{3, now + 120};
  CHECK_FALSE(backoff.may_try(now));
  CHECK(backoff.may_try(now + 120));
  CHECK(backoff.may_try(now - 30 * day));
  CHECK(Backoff{}.may_try(now));
}

TEST_CASE("A count that came from a damaged file does no harm") {
  CHECK(after_failure({-5, 0}, failure(FailureKind::transient), now, middle) ==
        Backoff{1, now + 30});
  const Backoff many{253'402'300'799, 0};
  CHECK(after_failure(many, failure(FailureKind::transient), now, middle).next_try == now + day);
}

}  // namespace
}  // namespace arbortls::acme
