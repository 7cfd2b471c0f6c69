#pragma once
// Messages there and back over connections that stand: as fast as they return, or at a set pace.

#include "load/steps.hpp"
#include "load/target.hpp"

#include <boost/json/object.hpp>

#include <cstddef>

namespace arbortls::bench {

struct MessageOptions {
  std::size_t connections = 100;
  std::size_t size = 400;      // bytes
  std::size_t count = 50'000;  // ping-pong: messages in all
  int interval_ms = 100;       // paced: between two messages of one connection
  int duration_s = 5;          // paced
  int deadline_s = 60;
};

// Each connection sends its next message when the last one is back.
// {count, seconds, per_second, latency: {percentiles}}.
Result<boost::json::object> run_ping_pong(const TargetOptions& target,
                                          const MessageOptions& options, const Steps& steps);

// Each connection sends at its own moments, whether or not earlier messages are back; the latency
// counts from the moment a message was due, so a stall is seen by every message it delays. Same
// figures.
Result<boost::json::object> run_paced(const TargetOptions& target, const MessageOptions& options,
                                      const Steps& steps);

}  // namespace arbortls::bench
