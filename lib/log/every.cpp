#include "log/every.hpp"

#include <utility>

namespace arbortls::log {

std::optional<std::uint64_t> Every::pass(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (last_ && now - *last_ < interval_) {
    ++suppressed_;
    return std::nullopt;
  }
  last_ = now;
  return std::exchange(suppressed_, 0);
}

}  // namespace arbortls::log
