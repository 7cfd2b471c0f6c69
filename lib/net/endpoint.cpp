#include "net/endpoint.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace arbortls::net {
namespace {

bool set(int fd, int level, int option, int value) noexcept {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

UniqueFd open_socket(sa_family_t family) noexcept {
  return UniqueFd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void set_options(int tcp) noexcept {
  set(tcp, IPPROTO_TCP, TCP_NODELAY, 1);
  set(tcp, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(tcp, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(tcp, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(tcp, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(tcp, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
}

bool is_tcp(int fd) noexcept {
  int domain = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
         (domain == AF_INET || domain == AF_INET6);
}

Error listen_error(std::string_view endpoint, int reason) {
  std::string text = "cannot listen on " + std::string(endpoint) + ": " + std::strerror(reason);
  if (reason == EADDRINUSE) text += "; another program, or another listener, has it";
  if (reason == EACCES) text += "; ports below 1024 need CAP_NET_BIND_SERVICE, paths a writable directory";
  if (reason == EADDRNOTAVAIL) text += "; this machine has no such address";
  return error(std::move(text));
}

const char* path_of(const Address& address) noexcept {
  return reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path;
}

// Only ECONNREFUSED says that nobody listens: a full backlog (EAGAIN) is somebody alive.
bool is_stale(const Address& address) noexcept {
  struct stat info {};
  if (::lstat(path_of(address), &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
  const UniqueFd probe = open_socket(AF_UNIX);
  return probe && ::connect(probe.get(), address.raw(), address.length) != 0 && errno == ECONNREFUSED;
}

int bind_to(int fd, const Address& address) noexcept {
  if (::bind(fd, address.raw(), address.length) == 0) return 0;
  if (errno != EADDRINUSE || !address.is_unix()) return errno;
  if (!is_stale(address)) return EADDRINUSE;
  if (::unlink(path_of(address)) != 0) return errno;
  return ::bind(fd, address.raw(), address.length) == 0 ? 0 : errno;
}

Address ask(int fd, int (*question)(int, sockaddr*, socklen_t*)) noexcept {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (question(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return Address(reinterpret_cast<const sockaddr*>(&storage), size);
}

// Lets the kernel choose the port at connect, by the whole four-tuple; otherwise a source address would run out
// after as many connections as there are ports, whatever the number of servers.
int bind_source(int fd, const Address& from) noexcept {
  if (from.port() == 0) set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  return ::bind(fd, from.raw(), from.length) == 0 ? 0 : errno;
}

}  // namespace

Result<UniqueFd> listen_on(std::string_view endpoint, int backlog) {
  const Result<std::vector<Address>> resolved = Address::resolve(endpoint);
  if (resolved.has_error()) return error("cannot listen: " + resolved.error().message);
  const Address& address = resolved->front();
  UniqueFd fd = open_socket(address.family());
  if (!fd) return listen_error(endpoint, errno);
  if (!address.is_unix()) {
    set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    set_options(fd.get());
  }
  if (address.family() == AF_INET6) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (const int reason = bind_to(fd.get(), address); reason != 0) return listen_error(endpoint, reason);
  if (::listen(fd.get(), backlog) != 0) return listen_error(endpoint, errno);
  return fd;
}

Address local_address(int fd) noexcept { return ask(fd, ::getsockname); }
Address peer_address(int fd) noexcept { return ask(fd, ::getpeername); }

void set_tcp_options(int fd) noexcept {
  if (is_tcp(fd)) set_options(fd);
}

ConnectStart start_connect(const Address& to, const Address* from) noexcept {
  UniqueFd fd = open_socket(to.family());
  if (!fd) return {UniqueFd(), errno};
  if (to.is_ip()) {
    set_options(fd.get());
    if (const int reason = from != nullptr ? bind_source(fd.get(), *from) : 0; reason != 0) {
      return {UniqueFd(), reason};
    }
  }
  int reason = 0;
  // An interrupted connect goes on by itself.
  if (::connect(fd.get(), to.raw(), to.length) != 0) reason = errno == EINTR ? EINPROGRESS : errno;
  if (reason != 0 && reason != EINPROGRESS) return {UniqueFd(), reason};
  return {std::move(fd), reason};
}

}  // namespace arbortls::net
