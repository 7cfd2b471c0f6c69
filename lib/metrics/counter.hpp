#pragma once
// Counters that any thread may add to. They know no names; who shows them pairs them with an enum's.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace arbortls::metrics {

class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void add(std::int64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  void sub(std::int64_t n = 1) noexcept { value_.fetch_sub(n, std::memory_order_relaxed); }
  // Adds one unless that would make more than `most`; exact however many threads ask at once.
  bool add_up_to(std::int64_t most) noexcept {
    std::int64_t now = value();
    while (now < most) {
      if (value_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// One counter for each value of an enum that ends in `count_`.
template <class Enum>
class CounterOf {
 public:
  static constexpr std::size_t size = static_cast<std::size_t>(Enum::count_);
  Counter& operator[](Enum e) noexcept { return counters_[static_cast<std::size_t>(e)]; }
  const Counter& operator[](Enum e) const noexcept {
    return counters_[static_cast<std::size_t>(e)];
  }

 private:
  std::array<Counter, size> counters_;
};

}  // namespace arbortls::metrics
