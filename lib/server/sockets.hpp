#pragma once
// The listening sockets: opened, inherited from systemd, kept over reloads while their address stays.

#include "base/problem.hpp"
#include "base/unique_fd.hpp"
#include "config/settings.hpp"
#include "session/handshake_worker.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace arbortls::server {

using SharedFd = std::shared_ptr<const UniqueFd>;

// A listener that speaks HTTP, and its socket.
struct OpenDoor {
  SharedFd socket;
  config::HttpListener listener;
  std::string address;  // as bound
};

class Sockets {
 public:
  // Takes over the descriptors systemd passed (sd_listen_fds_with_names(3)); call it once.
  Sockets();
  ~Sockets();

  struct Opened {
    std::vector<session::OpenListener> listeners;  // indices as in `settings`
    std::vector<std::string> addresses;            // as bound, in the same order
    std::vector<OpenDoor> doors;
    Problems problems;
  };
  // Opens what is not open yet. Nothing is closed before commit(), so that a refused reload changes nothing.
  Opened open(const std::vector<config::Listener>& settings,
              const std::vector<config::HttpListener>& http_settings = {});
  // Closes what the last open() did not ask for. UNIX sockets are unlinked.
  void commit();
  void close_all();

 private:
  // Null where it cannot be had.
  SharedFd take(const config::AnyListener& listener, Problems& problems);

  struct Held {
    SharedFd socket;
    bool wanted = false;
  };
  std::map<std::string, Held> held_;  // by configured address; port 0: and listener
  std::map<std::string, SharedFd> inherited_;  // by systemd's name
};

}  // namespace arbortls::server
