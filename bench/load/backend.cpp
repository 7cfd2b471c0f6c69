#include "load/backend.hpp"

#include "load/backend_session.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <unordered_map>

namespace arbortls::bench {
namespace {

class Acceptor final : public Handler {
 public:
  Acceptor(EventLoop& loop, UniqueFd fd) : loop_(loop), fd_(std::move(fd)) {}

  void on_ready(std::uint32_t) override {
    for (;;) {
      UniqueFd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd) return;
      const int on = 1;
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto session = std::make_unique<BackendSession>(
          std::move(fd), [this](BackendSession& ended) { sessions_.erase(&ended); });
      BackendSession& added = *session;
      sessions_.emplace(&added, std::move(session));
      if (!loop_.watch(added.fd(), added)) sessions_.erase(&added);
    }
  }

 private:
  EventLoop& loop_;
  UniqueFd fd_;
  std::unordered_map<BackendSession*, std::unique_ptr<BackendSession>> sessions_;
};

Result<UniqueFd> listen_on(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(fd.get(), generic, sizeof address) == 0 && ::listen(fd.get(), 4096) == 0) return fd;
  return error(std::string("the backend cannot listen: ") + std::strerror(errno));
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

}  // namespace

Result<void> run_backend(std::uint16_t port, const Steps& steps) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  auto loop = EventLoop::make();
  if (!loop) return loop.error();
  auto listening = listen_on(port);
  if (!listening) return listening.error();
  const int fd = listening->get();
  Acceptor acceptor(*loop, std::move(*listening));
  const auto watched = loop->watch(fd, acceptor);
  if (!watched) return watched.error();
  steps.tell("listening", {{"port", port_of(fd)}});
  for (;;) loop->turn(Clock::now() + std::chrono::hours(1));
}

}  // namespace arbortls::bench
