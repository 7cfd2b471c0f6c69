#pragma once
// What messages at a set pace and messages as fast as they return have in common.

#include "load/latencies.hpp"
#include "load/messages.hpp"
#include "load/standing.hpp"

#include <string>

namespace arbortls::bench {

class MessageLoad : public StandingLoad {
 public:
  MessageLoad(const MessageOptions& options, std::size_t total)
      : message_("E" + std::string(options.size - 1, 'x')), total_(total), latencies_(total) {}

  std::string greeting() const override { return message_; }
  bool done() const override { return latencies_.count() == total_; }

  boost::json::object figures(Clock::duration took) override {
    const double seconds = std::chrono::duration<double>(took).count();
    return {{"count", latencies_.count()},
            {"seconds", seconds},
            {"per_second", static_cast<double>(latencies_.count()) / seconds},
            {"latency", latencies_.summary()}};
  }

 protected:
  void came_back(Clock::duration latency) { latencies_.add(latency); }

  const std::string message_;
  const std::size_t total_;  // messages in all

 private:
  Latencies latencies_;
};

}  // namespace arbortls::bench
