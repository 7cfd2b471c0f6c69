#include "load/client.hpp"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace arbortls::bench {

namespace {

constexpr std::uint32_t ended = EPOLLERR | EPOLLHUP | EPOLLRDHUP;

// What a client says first, made before there is a socket.
std::string first_flight(SSL& ssl) {
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(&ssl, BIO_new(BIO_s_mem()), out);
  SSL_do_handshake(&ssl);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  return std::string(bytes, static_cast<std::size_t>(size));
}

}  // namespace

Result<void> Client::open(SSL_SESSION* session) {
  auto ssl = target_.tls(session);
  if (!ssl) return ssl.error();
  ssl_ = std::move(*ssl);
  pending_.clear();
  stage_ = Stage::handshake;
  return connect();
}

Result<void> Client::prepare(SSL_SESSION* session) {
  auto ssl = target_.tls(session);
  if (!ssl) return ssl.error();
  ssl_ = std::move(*ssl);
  pending_ = first_flight(*ssl_);
  return {};
}

Result<void> Client::open_prepared() {
  stage_ = Stage::hello;
  return connect();
}

Result<void> Client::connect() {
  opened_at_ = Clock::now();
  auto fd = target_.connect(index_);
  if (!fd) return fd.error();
  fd_ = std::move(*fd);
  if (SSL_set_fd(ssl_.get(), fd_.get()) != 1) return error("SSL_set_fd: " + openssl::drain_errors());
  return loop_.watch(fd_.get(), *this);
}

void Client::on_ready(std::uint32_t events) {
  if (stage_ == Stage::hello) return say_hello();
  if (stage_ == Stage::answer && (events & ended) == 0) return wait_in_line();
  go_on();
}

// It fits into an empty socket buffer; a broken connection is left for the next read to find.
void Client::say_hello() {
  ::send(fd_.get(), pending_.data(), pending_.size(), MSG_NOSIGNAL);
  pending_.clear();
  stage_ = Stage::answer;
}

void Client::wait_in_line() {
  if (!std::exchange(in_line_, true)) loop_.when_idle(*this);
}

void Client::on_idle() {
  in_line_ = false;
  if (stage_ == Stage::answer) go_on();
}

void Client::go_on() {
  if (stage_ == Stage::answer) stage_ = Stage::handshake;
  if (stage_ == Stage::handshake && !shake_hands()) return;
  if (stage_ == Stage::open && !pending_.empty() && flush()) events_->on_drained(*this);
  if (stage_ == Stage::open || stage_ == Stage::finishing) read_all();
}

bool Client::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return stop(result);
  stage_ = Stage::open;
  events_->on_open(*this);
  return true;
}

bool Client::read_all() {
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    ERR_clear_error();
    const int got = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) return stop(got);
    events_->on_data(*this, std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
}

// True: nothing to do until the socket is ready again.
bool Client::stop(int result) {
  const int system_error = errno;
  const int reason = SSL_get_error(ssl_.get(), result);
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) return true;
  const bool ended_by_us = stage_ == Stage::finishing;
  const bool fin = reason == SSL_ERROR_ZERO_RETURN ||
                   ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  if (fin && stage_ != Stage::handshake) return end(ended_by_us ? End::clean : End::early);
  if (ended_by_us && system_error == ECONNRESET) return end(End::reset);
  why_ = openssl::drain_errors();
  if (why_.empty()) why_ = std::strerror(system_error);
  return end(End::failed);
}

void Client::send(std::string_view data) {
  const bool idle = pending_.empty();
  pending_.append(data);
  if (idle) flush();
}

// True once nothing is pending. A broken connection is left for the next read to find.
bool Client::flush() {
  std::size_t sent = 0;
  while (sent < pending_.size()) {
    ERR_clear_error();
    const auto left = static_cast<int>(pending_.size() - sent);
    const int wrote = SSL_write(ssl_.get(), pending_.data() + sent, left);
    if (wrote <= 0) break;
    sent += static_cast<std::size_t>(wrote);
  }
  pending_.erase(0, sent);
  return pending_.empty();
}

void Client::finish() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ::shutdown(fd_.get(), SHUT_WR);
  stage_ = Stage::finishing;
}

void Client::cut() {
  const linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  // Else OpenSSL takes the session for broken and resumes it no more.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  stage_ = Stage::closed;
  fd_.reset();
}

bool Client::end(End how) {
  stage_ = Stage::closed;
  fd_.reset();
  events_->on_end(*this, how);
  return false;
}

}  // namespace arbortls::bench
