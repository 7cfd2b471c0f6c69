#pragma once
// Backoff: when a domain that failed is tried again. A value, one a domain, so that no domain holds another; kept
// across restarts in the Ledger. Pure. Times are Unix seconds; `chance` is a random number from 0 up to, not
// including, 1.

#include <cstdint>
#include <optional>

namespace arbortls::acme {

// `ours`: the request itself is wrong (a name the CA refuses, a broken setting) and will be so until an operator acts.
enum class Fault { passing, ours };

struct Backoff {
  std::int64_t failures = 0;  // in a row; 0 after a success
  std::int64_t next_try = 0;

  // Also where next_try is further off than any delay: the clock was ahead when it was set.
  bool may_try(std::int64_t now) const noexcept;
  bool operator==(const Backoff&) const = default;
};

// After one more failure: 30 s after the first, doubling to a day, a fault of ours at once a day, each 50 % shorter to
// 50 % longer by `chance`; and no sooner than the CA's Retry-After, given in seconds from now, of which a week counts.
// After a success: Backoff{}.
Backoff after_failure(const Backoff& before, Fault fault, std::int64_t now,
                      std::optional<std::int64_t> retry_after, double chance) noexcept;

}  // namespace arbortls::acme
