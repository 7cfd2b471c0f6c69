#include "session/connection.hpp"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace arbortls::session {

void Connection::on_client_while_waiting() {
  const Read read = read_client();
  switch (read.got) {
    case Got::nothing: return;
    case Got::failure:
      return finish(read.size == 0 ? EndReason::client_reset : EndReason::client_tls_error);
    case Got::end:
      client_was_first_ = true;
      client_ended_ = true;
      return finish(EndReason::client_closed);
    case Got::bytes: break;
  }
  touch();
  bytes_in_ += read.size;
  dial_->opening().append(worker_.scratch().data(), read.size);
  connect_next();
}

void Connection::connect_next() {
  state_ = State::connecting;
  for (;;) {
    forget_backend();
    backend_ = dial_->next(worker_.reactor().now());
    if (!backend_) return finish(dial_->reason());
    switch (say_opening()) {
      case Said::all: return begin_relay();
      case Said::later: break;
      case Said::never: dial_->failed(worker_.reactor().now()); continue;
    }
    want(backend_side, EPOLLOUT);
    if (!finished_) worker_.reactor().set_timer(*this, dial_->pool()->options().connect_timeout);
    return;
  }
}

// A server near by is connected to before the question is asked, and the first write tells whether a server was
// reached, as SO_ERROR would. What does not fit at once is kept.
Connection::Said Connection::say_opening() {
  const std::string& opening = dial_->opening();
  if (opening.empty()) return Said::later;
  const auto n = ::send(backend_.get(), opening.data(), opening.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? Said::later : Said::never;
  const auto sent = static_cast<std::size_t>(n);
  if (sent < opening.size()) up_ = std::make_unique<std::string>(opening.substr(sent));
  return Said::all;
}

void Connection::on_connect_result() {
  if (dial_->opening().empty()) {
    int problem = 0;
    socklen_t size = sizeof problem;
    ::getsockopt(backend_.get(), SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem == 0) return begin_relay();
  } else if (const Said said = say_opening(); said != Said::never) {
    return said == Said::all ? begin_relay() : void();
  }
  dial_->failed(worker_.reactor().now());
  connect_next();
}

void Connection::begin_relay() {
  dial_->succeeded();
  server_ = dial_->server();
  server_->active.add();
  dial_.reset();
  state_ = State::relaying;
  touch();
  arm_timer();
  want_reads();
  if (!finished_ && !up_ && SSL_has_pending(ssl_.get()) != 0) pump_up();
}

}  // namespace arbortls::session
