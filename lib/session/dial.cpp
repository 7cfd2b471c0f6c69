#include "session/dial.hpp"

#include "net/endpoint.hpp"

#include <cerrno>
#include <utility>

namespace arbortls::session {

UniqueFd Dial::next(backend::Clock::time_point now) {
  for (;;) {
    server_ = pool_->pick(client_hash_, tried_, now);
    if (!server_) return UniqueFd();
    net::ConnectStart started = net::start_connect(server_->address(), pool_->next_source());
    if (started.fd && (started.error == 0 || started.error == EINPROGRESS)) return std::move(started.fd);
    // No port left to connect from is our fault, not the server's.
    if (started.error == EADDRNOTAVAIL) {
      reason_ = EndReason::no_source_port;
    } else {
      failed(now);
    }
  }
}

void Dial::failed(backend::Clock::time_point now) {
  server_->failed(now);
  failures_.add();
}

void Dial::succeeded() {
  server_->succeeded();
  server_->connected.add();
}

}  // namespace arbortls::session
