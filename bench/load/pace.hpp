#pragma once
// Messages at set moments on many connections, and the time each takes from the moment it was due.

#include "load/client.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace arbortls::bench {

// Message k leaves on connection k modulo the number of connections, all of them evenly spread in
// time.
class Pace {
 public:
  // `between`: the time between two messages of one connection.
  Pace(std::string message, std::size_t connections, Clock::duration between)
      : message_(std::move(message)),
        step_(between / static_cast<Clock::rep>(connections)),
        waiting_(connections) {}

  Clock::duration step() const noexcept { return step_; }
  std::size_t sent() const noexcept { return sent_; }

  static constexpr std::size_t without_end = static_cast<std::size_t>(-1);

  // Sends what is due, up to `total` messages in all, and says when the next one is.
  TimePoint send_due(Clients& clients, TimePoint start, std::size_t total) {
    while (sent_ < total) {
      const TimePoint due = start + step_ * static_cast<Clock::rep>(sent_);
      if (due > Clock::now()) return due;
      const std::size_t index = sent_++ % clients.size();
      waiting_[index].due.push_back(due);
      clients[index]->send(message_);
    }
    return TimePoint::max();
  }

  // `bytes` came back on that connection; calls `back` with the latency of each message that is
  // complete.
  template <class Back>
  void take(std::size_t connection, std::size_t bytes, Back back) {
    Waiting& waiting = waiting_[connection];
    for (waiting.got += bytes; waiting.got >= message_.size() && !waiting.due.empty();) {
      waiting.got -= message_.size();
      back(Clock::now() - waiting.due.front());
      waiting.due.pop_front();
    }
  }

 private:
  struct Waiting {
    std::deque<TimePoint> due;  // messages on their way, oldest first
    std::size_t got = 0;        // bytes of the oldest that are back
  };

  std::string message_;
  Clock::duration step_;
  std::vector<Waiting> waiting_;
  std::size_t sent_ = 0;
};

}  // namespace arbortls::bench
