#include "server/sockets.hpp"

#include "net/endpoint.hpp"

#include <fcntl.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace arbortls::server {
namespace {

constexpr std::string_view systemd_prefix = "systemd:";
constexpr std::string_view unix_prefix = "unix:";

// What a socket is kept under. A port that the kernel picks is another one for each listener that asks.
std::string key_of(const config::AnyListener& listener) {
  const std::string& address = listener.address.value;
  return address.ends_with(":0") ? address + ' ' + listener.name : address;
}

void unlink_if_unix(const std::string& address) {
  if (address.starts_with(unix_prefix)) ::unlink(address.c_str() + unix_prefix.size());
}

}  // namespace

Sockets::Sockets() {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  for (int i = 0; i < count; ++i) {
    const int fd = SD_LISTEN_FDS_START + i;
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    net::set_tcp_options(fd);
    inherited_[names[i]] = std::make_shared<UniqueFd>(fd);
    std::free(names[i]);
  }
  std::free(names);
}

Sockets::~Sockets() { close_all(); }

SharedFd Sockets::take(const config::AnyListener& listener, Problems& problems) {
  const auto complain = [&](std::string message) {
    problems.push_back({Severity::error, listener.address.place,
                        "listeners[" + std::to_string(listener.index) + "].address", std::move(message)});
    return SharedFd();
  };
  const std::string& address = listener.address.value;
  if (address.starts_with(systemd_prefix)) {
    const std::string name = address.substr(systemd_prefix.size());
    const auto found = inherited_.find(name);
    if (found != inherited_.end()) return found->second;
    return complain("systemd passed no socket of the name `" + name + "`; see FileDescriptorName= in arbortls.socket");
  }
  if (const auto found = held_.find(key_of(listener)); found != held_.end()) {
    found->second.wanted = true;
    return found->second.socket;
  }
  auto made = net::listen_on(address, listener.backlog);
  if (!made) return complain(made.error().message);
  const auto socket = std::make_shared<UniqueFd>(std::move(*made));
  held_[key_of(listener)] = {socket, true};
  return socket;
}

Sockets::Opened Sockets::open(const std::vector<config::Listener>& settings,
                              const std::vector<config::HttpListener>& http_settings) {
  Opened opened;
  for (auto& [address, held] : held_) held.wanted = false;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const SharedFd socket = take(settings[i], opened.problems);
    if (!socket) continue;
    opened.listeners.push_back({socket, i});
    opened.addresses.push_back(net::local_address(socket->get()).to_string());
  }
  for (const config::HttpListener& listener : http_settings) {
    const SharedFd socket = take(listener, opened.problems);
    if (!socket) continue;
    opened.doors.push_back({socket, listener, net::local_address(socket->get()).to_string()});
  }
  return opened;
}

void Sockets::commit() {
  for (auto it = held_.begin(); it != held_.end();) {
    if (it->second.wanted) {
      ++it;
    } else {
      unlink_if_unix(it->first);
      it = held_.erase(it);
    }
  }
}

void Sockets::close_all() {
  for (const auto& [address, held] : held_) unlink_if_unix(address);
  held_.clear();
  inherited_.clear();
}

}  // namespace arbortls::server
