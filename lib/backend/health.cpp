#include "backend/health.hpp"

#include "net/endpoint.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace arbortls::backend {

void HealthCheck::start() { begin(); }

void HealthCheck::begin() {
  net::ConnectStart started = net::start_connect(server_->address(), nullptr);
  if (started.error == 0 && started.fd) return end(true);
  if (started.error != EINPROGRESS || !started.fd) return end(false);
  connection_ = std::move(started.fd);
  if (!reactor_.add(connection_.get(), *this, 0, EPOLLOUT)) return end(false);
  reactor_.set_timer(*this, std::min(timeout_, interval_));
}

void HealthCheck::end(bool reached) {
  connection_.reset();
  if (reached) {
    server_->succeeded();
  } else {
    server_->failed(reactor_.now());
  }
  reactor_.set_timer(*this, interval_);
}

void HealthCheck::on_io(unsigned, std::uint32_t) {
  if (!connection_) return;
  int problem = 0;
  socklen_t size = sizeof problem;
  ::getsockopt(connection_.get(), SOL_SOCKET, SO_ERROR, &problem, &size);
  end(problem == 0);
}

void HealthCheck::on_timeout() {
  if (connection_) return end(false);
  begin();
}

}  // namespace arbortls::backend
