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
std::string key_of(const config::Listener& listener) {
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

Sockets::Opened Sockets::open(const std::vector<config::Listener>& settings) {
  Opened opened;
  for (auto& [address, held] : held_) held.wanted = false;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const std::string& address = settings[i].address.value;
    SharedFd socket;
    if (address.starts_with(systemd_prefix)) {
      const auto found = inherited_.find(address.substr(systemd_prefix.size()));
      if (found != inherited_.end()) socket = found->second;
      if (!socket) {
        opened.problems.push_back({Severity::error, settings[i].address.place,
                                   "listeners[" + std::to_string(i) + "].address",
                                   "systemd passed no socket of the name `" +
                                       address.substr(systemd_prefix.size()) +
                                       "`; see FileDescriptorName= in arbortls.socket"});
        continue;
      }
    } else if (const auto found = held_.find(key_of(settings[i])); found != held_.end()) {
      found->second.wanted = true;
      socket = found->second.socket;
    } else {
      auto made = net::listen_on(address, settings[i].backlog);
      if (!made) {
        opened.problems.push_back({Severity::error, settings[i].address.place,
                                   "listeners[" + std::to_string(i) + "].address", made.error().message});
        continue;
      }
      socket = std::make_shared<UniqueFd>(std::move(*made));
      held_[key_of(settings[i])] = {socket, true};
    }
    opened.listeners.push_back({socket, i});
    opened.addresses.push_back(net::local_address(socket->get()).to_string());
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
