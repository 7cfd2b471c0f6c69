#pragma once
// A RelayWorker is one thread of the lane that moves bytes of established connections. It owns their list and the
// scratch buffer they share; it makes no handshake and reads no configuration.

#include "log/logger.hpp"
#include "net/reactor.hpp"
#include "session/metrics.hpp"
#include "session/registry.hpp"

#include <array>
#include <atomic>
#include <cstddef>

namespace arbortls::session {

class RelayWorker {
 public:
  static constexpr std::size_t record_size = 16 * 1024;  // the most that one TLS record holds
  static constexpr std::size_t scratch_size = 4 * record_size;

  RelayWorker(Metrics& metrics, log::Logger& logger) : metrics_(metrics), logger_(logger) {}

  net::Reactor& reactor() noexcept { return reactor_; }
  Metrics& metrics() noexcept { return metrics_; }
  log::Logger& logger() noexcept { return logger_; }
  Registry& registry() noexcept { return registry_; }
  std::array<char, scratch_size>& scratch() noexcept { return scratch_; }

  // Connections handed to this worker and not yet gone; for choosing the least loaded. Any thread.
  std::atomic<int> load{0};

 private:
  net::Reactor reactor_;
  Metrics& metrics_;
  log::Logger& logger_;
  Registry registry_;
  std::array<char, scratch_size> scratch_{};
};

}  // namespace arbortls::session
