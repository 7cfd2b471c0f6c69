#pragma once
// RateLimit: how often each key may pass within any span of time. Takes the time; has no clock.
// Memory by what passed within the span.

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace arbortls::hook {

class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  RateLimit(std::size_t most, Clock::duration span) : most_(most), span_(span) {}

  bool pass(const std::string& key, Clock::time_point now);

 private:
  std::size_t most_;
  Clock::duration span_;
  std::deque<std::pair<Clock::time_point, std::string>> passed_;  // oldest first
  std::unordered_map<std::string, std::size_t> counts_;           // of passed_
};

}  // namespace arbortls::hook
