#pragma once
// Every: lets one line through per interval and counts the ones held back, for causes that repeat.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace arbortls::log {

// Thread-safe.
class Every {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Every(Clock::duration interval) : interval_(interval) {}

  // How many were held back since the last that passed; nothing when this one is to be held back too.
  std::optional<std::uint64_t> pass(Clock::time_point now);

 private:
  const Clock::duration interval_;
  std::mutex mutex_;
  std::optional<Clock::time_point> last_;
  std::uint64_t suppressed_ = 0;
};

}  // namespace arbortls::log
