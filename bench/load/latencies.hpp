#pragma once
// Every single latency is kept, so percentiles are exact.

#include "load/event_loop.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace arbortls::bench {

class Latencies {
 public:
  explicit Latencies(std::size_t expected) { nanoseconds_.reserve(expected); }

  void add(Clock::duration latency) {
    nanoseconds_.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(latency).count());
  }

  std::size_t count() const noexcept { return nanoseconds_.size(); }

  // {p50_us, p99_us, p999_us, max_us}; zeros when nothing was added. Sorts what is kept.
  boost::json::object summary();

 private:
  std::vector<std::int64_t> nanoseconds_;
};

}  // namespace arbortls::bench
