#pragma once
// Backoff: when a domain that failed is tried again. A value, one a domain, so that no domain holds
// another; kept across restarts in the Ledger. Pure. Times are Unix seconds; `chance` is a random
// number from 0 up to, not including, 1.

#include "acme/failure.hpp"

#include <cstdint>

namespace arbortls::acme {

struct Backoff {
  std::int64_t failures = 0;  // in a row; 0 after a success
  std::int64_t next_try = 0;

  // next_try has come; or it is further off than any delay, since the clock was ahead when it was
  // set.
  bool may_try(std::int64_t now) const noexcept;
  bool operator==(const Backoff&) const = default;
};

// After one more failure: 30 s after the first, doubling to a day, a mistake of ours (also of the
// account) at once a day, each up to half as short or half as long again by `chance`; and no sooner
// than the CA wants. After a success: Backoff{}.
Backoff after_failure(const Backoff& before, const Failure& failure, std::int64_t now,
                      double chance) noexcept;

}  // namespace arbortls::acme
