#include "session/connection.hpp"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace arbortls::session {
namespace {

// Writes made for one connection before the others have their turn.
constexpr int turn = 16;

// Room for a scratch buffer's worth of records with their headers and tags.
constexpr std::size_t bulk_read_buffer = RelayWorker::scratch_size + 4 * 64;

}  // namespace

Connection::Read Connection::read_client(std::size_t at) {
  const int n = SSL_read(ssl_.get(), worker_.scratch().data() + at, RelayWorker::record_size);
  if (n > 0) return {Got::bytes, static_cast<std::size_t>(n)};
  const int problem = SSL_get_error(ssl_.get(), n);
  switch (problem) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return {Got::nothing, 0};
    case SSL_ERROR_ZERO_RETURN:
      // A FIN without close_notify reads as an end too; the log's readers shall know the difference.
      if (BIO_eof(SSL_get_rbio(ssl_.get()))) worker_.metrics().truncated_by_client.add();
      return {Got::end, 0};
    default: break;
  }
  ERR_clear_error();
  return {Got::failure, problem == SSL_ERROR_SYSCALL ? 0u : 1u};
}

// What has come already goes on in one write: bulk costs fewer calls, and no record is ever divided. A client that
// fills its records is read from in larger pieces as soon as OpenSSL takes its next buffer.
Connection::Gathered Connection::gather_from_client() {
  std::size_t size = 0;
  Read last{};
  do {
    last = read_client(size);
    if (last.got == Got::bytes) size += last.size;
  } while (last.got == Got::bytes && size + RelayWorker::record_size <= RelayWorker::scratch_size &&
           SSL_has_pending(ssl_.get()) != 0);
  if (const bool bulk = size >= RelayWorker::record_size; bulk != bulk_) {
    bulk_ = bulk;
    SSL_set_default_read_buffer_len(ssl_.get(), bulk ? bulk_read_buffer : 0);
  }
  return {size, last};
}

// The interest that follows from who may be read and what waits to be written.
void Connection::want_reads() {
  std::uint32_t client = 0;
  std::uint32_t backend = 0;
  if (reads_client()) client |= EPOLLIN;
  if (down_ || notify_pending_) client |= EPOLLOUT;
  if (!backend_ended_ && !down_) backend |= EPOLLIN;
  if (up_) backend |= EPOLLOUT;
  want(client_side, client);
  if (!finished_) want(backend_side, backend);
}

void Connection::on_relay(unsigned tag, std::uint32_t events) {
  if (tag == client_side) {
    if ((events & EPOLLOUT) != 0 && !flush_down()) return;
    if ((events & EPOLLOUT) != 0 && notify_pending_) end_down();
    if (!finished_ && reads_client() && (events == 0 || (events & ~EPOLLOUT) != 0)) pump_up();
    return;
  }
  if ((events & EPOLLOUT) != 0 && !flush_up()) return;
  if (!finished_ && !backend_ended_ && !down_ && (events & ~EPOLLOUT) != 0) {
    pump_down();
  } else if (!finished_ && (events & (EPOLLERR | EPOLLHUP)) != 0 && backend_ended_ && !up_) {
    // The backend is gone for good: nothing the client says can reach it.
    finish(first_to_end());
  }
}

void Connection::pump_up() {
  for (int round = 0; round < turn; ++round) {
    const auto [size, last] = gather_from_client();
    if (size > 0) {
      touch();
      bytes_in_ += size;
      send_up(worker_.scratch().data(), size);
      if (finished_ || up_broken_) return;
    }
    switch (last.got) {
      case Got::nothing: return;
      case Got::end: return client_said_end();
      case Got::failure:
        return finish(last.size == 0 ? EndReason::client_reset : EndReason::client_tls_error);
      case Got::bytes: break;
    }
    if (up_ || SSL_has_pending(ssl_.get()) == 0) return;
  }
  // Bytes that OpenSSL holds already wake no descriptor.
  worker_.reactor().again(*this, client_side);
}

void Connection::pump_down() {
  auto& scratch = worker_.scratch();
  const auto n = ::recv(backend_.get(), scratch.data(), scratch.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return finish(EndReason::backend_reset);
  if (n == 0) return backend_said_end();
  touch();
  bytes_out_ += static_cast<std::uint64_t>(n);
  send_down(scratch.data(), static_cast<std::size_t>(n));
}

void Connection::client_said_end() {
  if (!backend_ended_) client_was_first_ = true;
  client_ended_ = true;
  touch();
  if (!up_) end_up();
  if (finished_) return;
  want_reads();
  arm_timer();
}

void Connection::backend_said_end() {
  backend_ended_ = true;
  touch();
  if (!down_) end_down();
  if (finished_) return;
  want_reads();
  arm_timer();
}

void Connection::end_up() {
  ::shutdown(backend_.get(), SHUT_WR);
  if (backend_ended_ && !down_ && !notify_pending_) finish(first_to_end());
}

void Connection::end_down() {
  if (up_broken_) return finish(EndReason::backend_reset);
  const int sent = SSL_shutdown(ssl_.get());
  if (sent < 0 && SSL_get_error(ssl_.get(), sent) == SSL_ERROR_WANT_WRITE) {
    notify_pending_ = true;
    return want_reads();
  }
  ERR_clear_error();
  notify_pending_ = false;
  notify_sent_ = true;
  ::shutdown(client_.get(), SHUT_WR);
  if (client_ended_ && !up_) return finish(first_to_end());
  want_reads();
}

// A server that answers early and closes makes our writes fail before its answer is read.
void Connection::give_up_on_backend() {
  up_broken_ = true;
  if (backend_ended_ && !down_) return finish(EndReason::backend_reset);
  want_reads();
}

// True when all was taken; else the rest is kept, or the connection has ended.
bool Connection::send_up(const char* data, std::size_t size) {
  const auto n = ::send(backend_.get(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN && errno != EINTR) {
    give_up_on_backend();
    return false;
  }
  const std::size_t sent = n < 0 ? 0 : static_cast<std::size_t>(n);
  if (sent > 0) touch();  // a slow reader is a live one
  if (sent == size) return true;
  up_ = std::make_unique<std::string>(data + sent, size - sent);
  want_reads();
  return false;
}

bool Connection::flush_up() {
  if (!up_) return true;
  const std::unique_ptr<std::string> rest = std::exchange(up_, nullptr);
  if (!send_up(rest->data(), rest->size())) return false;
  touch();
  if (client_ended_) end_up();
  if (finished_) return false;
  want_reads();
  if (!client_ended_ && SSL_has_pending(ssl_.get()) != 0) pump_up();
  return !finished_;
}

bool Connection::send_down(const char* data, std::size_t size) {
  while (size > 0) {
    const int n = SSL_write(ssl_.get(), data, static_cast<int>(size));
    if (n > 0) {
      touch();
      data += n;
      size -= static_cast<std::size_t>(n);
      continue;
    }
    const int problem = SSL_get_error(ssl_.get(), n);
    if (problem != SSL_ERROR_WANT_WRITE && problem != SSL_ERROR_WANT_READ) {
      ERR_clear_error();
      finish(EndReason::client_reset);
      return false;
    }
    down_ = std::make_unique<std::string>(data, size);
    want_reads();
    return false;
  }
  return true;
}

bool Connection::flush_down() {
  if (!down_) return true;
  const std::unique_ptr<std::string> rest = std::exchange(down_, nullptr);
  if (!send_down(rest->data(), rest->size())) return false;
  touch();
  if (backend_ended_) end_down();
  if (finished_) return false;
  want_reads();
  return !finished_;
}

}  // namespace arbortls::session
