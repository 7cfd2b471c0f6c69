#include "acme/backoff.hpp"

#include <algorithm>

namespace arbortls::acme {
namespace {

constexpr std::int64_t first_delay = 30;
constexpr std::int64_t day = 24 * 3600;
constexpr std::int64_t longest_delay = day + day / 2;  // jitter included

std::int64_t middle_delay(std::int64_t failures, FailureKind kind) noexcept {
  if (kind == FailureKind::our_mistake || kind == FailureKind::account) return day;
  constexpr std::int64_t doublings_to_a_day = 12;
  const auto doublings = std::min(failures - 1, doublings_to_a_day);
  return std::min(first_delay << doublings, day);
}

}  // namespace

bool Backoff::may_try(std::int64_t now) const noexcept {
  return next_try <= now || next_try > now + longest_delay;
}

Backoff after_failure(const Backoff& before, const Failure& failure, std::int64_t now,
                      double chance) noexcept {
  const std::int64_t failures = std::max<std::int64_t>(before.failures, 0) + 1;
  const auto middle = static_cast<double>(middle_delay(failures, failure.kind));
  const std::int64_t by_delay = now + static_cast<std::int64_t>(middle * (0.5 + chance));
  const std::int64_t wanted = std::min(failure.retry_at.value_or(now), now + longest_delay);
  return {failures, std::max(by_delay, wanted)};
}

}  // namespace arbortls::acme
