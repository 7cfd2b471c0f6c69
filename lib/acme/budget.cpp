#include "acme/budget.hpp"

#include <algorithm>

namespace arbortls::acme {

std::int64_t Budget::next_order(const std::deque<std::int64_t>& spent,
                                std::int64_t now) const noexcept {
  const std::size_t most = std::max<std::size_t>(orders, 1);
  if (spent.size() < most) return now;
  // The order that has to fall out of the span before one more fits.
  const std::int64_t oldest = spent[spent.size() - most];
  return std::max(now, std::min(oldest, now) + span);
}

void Budget::spend(std::deque<std::int64_t>& spent, std::int64_t now) const {
  for (auto& time : spent) time = std::min(time, now);
  spent.push_back(now);
  while (spent.front() + span <= now) spent.pop_front();
}

}  // namespace arbortls::acme
