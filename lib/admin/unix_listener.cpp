#include "admin/unix_listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

namespace arbortls::admin {
namespace {

Error failed(const std::string& path, const char* doing, int code) {
  return error(path + ": " + doing + ": " + std::strerror(code));
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return error(path + ": a socket's path has 1 to 107 bytes, this one has " +
                 std::to_string(path.size()));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

UniqueFd make_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

int connect_to(int fd, const sockaddr_un& address) {
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                         : errno;
}

Result<void> create_parent(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  std::error_code code;
  if (parent.empty() || std::filesystem::exists(parent, code)) return {};
  std::filesystem::create_directories(parent, code);
  if (code) return error(parent.string() + ": cannot create: " + code.message());
  std::filesystem::permissions(parent, static_cast<std::filesystem::perms>(0750), code);
  return {};
}

// A full backlog (EAGAIN) is somebody alive, too.
Result<void> make_way(const std::string& path, const sockaddr_un& address) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return failed(path, "cannot look", errno);
  }
  if (!S_ISSOCK(info.st_mode)) return error(path + ": is in the way and is not a socket");
  const UniqueFd probe = make_socket();
  if (!probe) return failed(path, "cannot make a socket", errno);
  const int code = connect_to(probe.get(), address);
  if (code == 0 || code == EAGAIN) return error(path + ": another process answers on this socket");
  if (code != ECONNREFUSED && code != ENOENT) return failed(path, "cannot probe", code);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed(path, "cannot remove", errno);
  return {};
}

}  // namespace

Result<UnixListener> UnixListener::open(const std::string& path, mode_t mode) {
  const auto address = address_of(path);
  if (!address) return address.error();
  if (const auto made = create_parent(path); !made) return made.error();
  if (const auto free = make_way(path, *address); !free) return free.error();
  UniqueFd fd = make_socket();
  if (!fd) return failed(path, "cannot make a socket", errno);
  // Before bind this narrows what bind creates, so the file is never wider than `mode`.
  ::fchmod(fd.get(), mode);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return failed(path, "cannot bind", errno);
  struct stat info {};
  if (::chmod(path.c_str(), mode) != 0 || ::lstat(path.c_str(), &info) != 0 ||
      ::listen(fd.get(), 128) != 0) {
    const int code = errno;
    ::unlink(path.c_str());
    return failed(path, "cannot listen", code);
  }
  return UnixListener(std::move(fd), path, info.st_dev, info.st_ino);
}

void UnixListener::unlink_if_ours() const noexcept {
  struct stat info {};
  if (::lstat(path_.c_str(), &info) != 0) return;
  if (info.st_dev == device_ && info.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace arbortls::admin
