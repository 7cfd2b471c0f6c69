#pragma once
// Budget: how many orders an account may make within any span of time, below what the CA allows, so
// that the CA never has to refuse. Pure; the times of past orders live in the Ledger. Times are
// Unix seconds.

#include <cstddef>
#include <cstdint>
#include <deque>

namespace arbortls::acme {

struct Budget {
  std::size_t orders = 300;         // at least 1
  std::int64_t span = 3 * 60 * 60;  // seconds

  // The earliest time, `now` or later, at which one more order fits, after those made at `spent`
  // (oldest first).
  std::int64_t next_order(const std::deque<std::int64_t>& spent, std::int64_t now) const noexcept;

  // Notes one more order and forgets those that no longer count. Orders dated after `now` (the
  // clock jumped back) are counted as made now.
  void spend(std::deque<std::int64_t>& spent, std::int64_t now) const;
};

}  // namespace arbortls::acme
