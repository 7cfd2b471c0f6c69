#pragma once
// One epoll set on one thread, and what is done when nothing is ready. Edge-triggered: a handler
// takes all it can get each time it is called.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <chrono>
#include <cstdint>
#include <deque>

namespace arbortls::bench {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

class Handler {
 public:
  // May destroy this handler as its last act, but no other one.
  virtual void on_ready(std::uint32_t events) = 0;
  virtual void on_idle() {}

 protected:
  ~Handler() = default;
};

class EventLoop {
 public:
  static Result<EventLoop> make();

  // Watches `fd` for everything until it is closed. The handler must outlive the descriptor.
  Result<void> watch(int fd, Handler& handler);

  // on_idle() once, when nothing is ready and those who asked before have been called. The handler
  // must live until then.
  void when_idle(Handler& handler) { idle_.push_back(&handler); }

  // Waits until something is ready or `until` has passed, and calls the handlers of what is ready,
  // or one of those that wait for nothing to be.
  void turn(TimePoint until);

  // Turns until `done()` holds: true; or until `deadline` has passed: false.
  template <class Done>
  bool run(TimePoint deadline, Done done) {
    while (!done()) {
      if (Clock::now() >= deadline) return false;
      turn(deadline);
    }
    return true;
  }

 private:
  explicit EventLoop(UniqueFd epoll) noexcept : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
  std::deque<Handler*> idle_;
};

}  // namespace arbortls::bench
