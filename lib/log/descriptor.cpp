#include "log/descriptor.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace arbortls::log {

Descriptor::Descriptor(int descriptor) : descriptor_(descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return;
  if (S_ISSOCK(status.st_mode)) kind_ = Kind::socket;
  if (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode)) return;
  kind_ = Kind::stream;
  // A new open file description has flags of its own, so that O_NONBLOCK disturbs nobody else.
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  own_.reset(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (own_) descriptor_ = own_.get();
}

bool Descriptor::write_all(std::string_view bytes, const std::atomic<bool>& give_up) {
  while (!bytes.empty()) {
    if (kind_ != Kind::file && !wait_for_room(give_up)) return false;
    const long written = write_some(bytes);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (written == 0 || (errno != EINTR && errno != EAGAIN)) return false;
  }
  return true;
}

long Descriptor::write_some(std::string_view bytes) const {
  if (kind_ == Kind::socket) return ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  // Where /proc was not to be had: room for PIPE_BUF is what poll() promises.
  const std::size_t most = own_ || kind_ == Kind::file ? bytes.size() : std::size_t{PIPE_BUF};
  return ::write(descriptor_, bytes.data(), std::min(bytes.size(), most));
}

bool Descriptor::wait_for_room(const std::atomic<bool>& give_up) const {
  constexpr int step_ms = 20;
  for (;;) {
    pollfd wanted{descriptor_, POLLOUT, 0};
    const int ready = ::poll(&wanted, 1, give_up.load() ? 0 : step_ms);
    // Errors show at the write that follows.
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (give_up.load()) return false;
  }
}

}  // namespace arbortls::log
