#pragma once
// A fixed number of connections, some at a time: handshake, perhaps one message, orderly end.

#include "load/steps.hpp"
#include "load/target.hpp"

#include <boost/json/object.hpp>

#include <cstddef>

namespace arbortls::bench {

struct HandshakeOptions {
  std::size_t count = 1000;
  std::size_t parallel = 16;
  std::size_t message = 0;  // bytes sent and echoed after each handshake; 0 = none
  int duration_ms = 0;      // instead of a count: as many as go in that time
  bool resume = false;      // each one offers the ticket of a first connection
  int deadline_s = 60;
};

// {count, failed, early, reset, resumed, negotiated, seconds, per_second, handshake: {percentiles
// from connect to the end of the handshake}}. An error when nothing could be measured.
Result<boost::json::object> run_handshakes(const TargetOptions& target,
                                           const HandshakeOptions& options, const Steps& steps);

}  // namespace arbortls::bench
