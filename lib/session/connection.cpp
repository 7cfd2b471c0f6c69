#include "session/connection.hpp"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace arbortls::session {
namespace {

// How long a client may take to close its side after we have closed ours.
constexpr auto linger = std::chrono::seconds(2);

}  // namespace

Connection::Connection(RelayWorker& worker, Slot slot, UniqueFd client, openssl::SslPtr ssl,
                       std::unique_ptr<Dial> dial, std::unique_ptr<Facts> facts, Limits limits)
    : worker_(worker),
      slot_(std::move(slot)),
      client_(std::move(client)),
      ssl_(std::move(ssl)),
      dial_(std::move(dial)),
      facts_(std::move(facts)),
      limits_(limits) {
  worker_.load.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
  leave_server();
  worker_.load.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::on_adopted() {
  worker_.registry().add(*this);
  touch();
  arm_timer();
  if (!dial_) return finish(EndReason::no_backend);
  if (dial_->pool()->options().connect_early) return connect_next();
  want(client_side, EPOLLIN);
  if (!finished_ && SSL_has_pending(ssl_.get()) != 0) on_client_while_waiting();
}

void Connection::on_io(unsigned tag, std::uint32_t events) {
  switch (state_) {
    case State::waiting: return on_client_while_waiting();
    // Nothing is read from the client meanwhile: what it says waits in its socket.
    case State::connecting: return tag == backend_side ? on_connect_result() : want(client_side, 0);
    case State::relaying: return on_relay(tag, events);
    case State::closing:
      if (tag == client_side && drain_client()) worker_.reactor().retire(*this);
  }
}

std::chrono::milliseconds Connection::silence_allowed() const {
  return half_closed() ? std::min(limits_.half_close, limits_.idle) : limits_.idle;
}

void Connection::arm_timer() {
  const auto due = last_activity_ + silence_allowed();
  worker_.reactor().set_timer(*this, std::max(due - worker_.reactor().now(), net::Clock::duration(0)));
}

void Connection::on_timeout() {
  if (state_ == State::closing) return worker_.reactor().retire(*this);
  if (state_ == State::connecting) {
    dial_->failed(worker_.reactor().now());
    return connect_next();
  }
  if (worker_.reactor().now() - last_activity_ < silence_allowed()) return arm_timer();
  finish(half_closed() ? EndReason::half_close_timeout : EndReason::idle_timeout);
}

bool Connection::cut(EndReason reason) {
  if (finished_) return false;
  finish(reason);
  return true;
}

// A descriptor of which nothing is wanted is not registered at all: a peer that has hung up would wake us for ever.
void Connection::want(Side side, std::uint32_t events) {
  std::uint32_t& current = side == client_side ? client_events_ : backend_events_;
  const int fd = side == client_side ? client_.get() : backend_.get();
  if (events == current || fd < 0) return;
  net::Reactor& reactor = worker_.reactor();
  if (current == 0) {
    if (!reactor.add(fd, *this, side, events)) return finish(EndReason::out_of_memory);
  } else if (events == 0) {
    reactor.remove(fd);
  } else {
    reactor.modify(fd, *this, side, events);
  }
  current = events;
}

void Connection::leave_server() {
  if (server_) server_->active.sub();
  server_.reset();
}

// The kernel ends the registration of what is closed.
void Connection::forget_backend() {
  backend_.reset();
  backend_events_ = 0;
}

EndReason Connection::first_to_end() const {
  return client_was_first_ ? EndReason::client_closed : EndReason::backend_closed;
}

void Connection::finish(EndReason reason) {
  if (finished_) return;
  finished_ = true;
  Metrics& metrics = worker_.metrics();
  metrics.ended[reason].add();
  metrics.bytes_from_clients.add(bytes_in_);
  metrics.bytes_to_clients.add(bytes_out_);
  log_end(worker_.logger(), *facts_,
          {reason, bytes_in_, bytes_out_, net::Clock::now(),
           server_ ? std::string_view(server_->name()) : std::string_view()});
  forget_backend();
  leave_server();
  const bool broken = reason == EndReason::client_reset || reason == EndReason::client_tls_error ||
                      reason == EndReason::out_of_memory;
  if (broken) {
    ERR_clear_error();
    return worker_.reactor().retire(*this);
  }
  close_in_order();
}

// close_notify, then FIN; what the client still sends is read away, else the kernel would answer it with a RST that
// can overtake the last bytes.
void Connection::close_in_order() {
  if (!notify_sent_) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    ::shutdown(client_.get(), SHUT_WR);
  }
  const bool hung_up = client_ended_ && BIO_eof(SSL_get_rbio(ssl_.get()));
  ssl_.reset();
  facts_.reset();
  dial_.reset();
  up_.reset();
  down_.reset();
  if (hung_up || drain_client()) return worker_.reactor().retire(*this);
  state_ = State::closing;
  worker_.reactor().set_timer(*this, linger);
  want(client_side, EPOLLIN);
}

// True when the client has closed its side too, or is gone.
bool Connection::drain_client() {
  auto& scratch = worker_.scratch();
  for (int round = 0; round < 64; ++round) {
    const auto n = ::recv(client_.get(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (n <= 0) return true;
  }
  return false;
}

}  // namespace arbortls::session
