#include "load/backend_session.hpp"

#include "load/wire.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace arbortls::bench {
namespace {

constexpr std::size_t chunk = 64 * 1024;

std::string_view filler() {
  static const std::string bytes(chunk, 'x');
  return bytes;
}

}  // namespace

void BackendSession::on_ready(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return gone_(*this);
  // While the peer is slow to take the echo nothing is read, so it is held back too.
  while (send_out()) {
    if (read_all() == Progress::ended) return gone_(*this);
    if (echo_out_.empty() && to_send_ == 0) return;
  }
}

// Reads until there is nothing more, or there is something to send first.
BackendSession::Progress BackendSession::read_all() {
  std::array<char, chunk> buffer;
  while (echo_out_.empty() && to_send_ == 0) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Progress::blocked;
    if (got <= 0) return Progress::ended;
    take(buffer.data(), static_cast<std::size_t>(got));
  }
  return Progress::blocked;
}

void BackendSession::take(const char* data, std::size_t size) {
  if (echo_) {
    echo_out_.append(data, size);
  } else if (to_take_ > 0) {
    to_take_ -= std::min<std::uint64_t>(to_take_, size);
    if (to_take_ == 0) echo_out_ = "k";
  } else {
    header_.append(data, size);
    begin();
  }
}

void BackendSession::begin() {
  if (header_[0] == static_cast<char>(Wish::echo)) {
    echo_ = true;
    echo_out_ = std::move(header_);
    return;
  }
  if (header_.size() < bulk_request_size) return;
  const std::uint64_t length = bulk_length(header_);
  const bool upload = header_[0] == static_cast<char>(Wish::upload);
  const std::string rest = header_.substr(bulk_request_size);
  header_.clear();
  if (!upload) to_send_ = length;
  if (upload) to_take_ = length;
  if (upload && !rest.empty()) take(rest.data(), rest.size());
}

// True when all there was to send has left.
bool BackendSession::send_out() {
  while (!echo_out_.empty() || to_send_ > 0) {
    const bool echoing = !echo_out_.empty();
    const std::string_view out =
        echoing ? std::string_view(echo_out_)
                : filler().substr(
                      0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk, to_send_)));
    const ssize_t sent = ::send(fd_.get(), out.data(), out.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    if (echoing)
      echo_out_.erase(0, static_cast<std::size_t>(sent));
    else
      to_send_ -= static_cast<std::uint64_t>(sent);
  }
  return true;
}

}  // namespace arbortls::bench
