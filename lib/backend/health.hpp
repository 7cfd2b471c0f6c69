#pragma once
// HealthCheck: connects to one server at an interval and closes at once, so that a dead server is known before a
// client meets it and a returned one is used before its backoff ends. Lives on a reactor.

#include "backend/pool.hpp"
#include "base/unique_fd.hpp"
#include "net/reactor.hpp"

#include <cstdint>

namespace arbortls::backend {

class HealthCheck final : public net::Handler {
 public:
  HealthCheck(net::Reactor& reactor, ServerPtr server, Clock::duration interval,
              Clock::duration connect_timeout)
      : reactor_(reactor), server_(std::move(server)), interval_(interval), timeout_(connect_timeout) {}

  void start();  // the first check begins at once
  void stop() { reactor_.retire(*this); }
  void on_io(unsigned tag, std::uint32_t events) override;
  void on_timeout() override;

 private:
  void begin();
  void end(bool reached);

  net::Reactor& reactor_;
  ServerPtr server_;
  Clock::duration interval_;
  Clock::duration timeout_;
  UniqueFd connection_;  // while a check is under way
};

}  // namespace arbortls::backend
