#pragma once
// The listeners that speak HTTP (ACME's challenges, the redirect to https, the trust page), served by one thread of
// their own, so that nothing there can delay a handshake or a call.

#include "http/door.hpp"
#include "server/sockets.hpp"
#include "server/trust_door.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace arbortls::server {

struct DoorCounts {
  std::uint64_t connections = 0;
  std::uint64_t refused = 0;
  std::uint64_t requests = 0;
  std::uint64_t malformed = 0;
  std::uint64_t forwarded = 0;
  std::uint64_t forward_failures = 0;
};

// Any thread may call; each call reaches the thread in order. It is started with the first listener.
class HttpDoors {
 public:
  // Both are used on the HTTP thread.
  HttpDoors(http::TokenLookup tokens, TrustDoor trust_page);
  ~HttpDoors();  // stop()
  HttpDoors(const HttpDoors&) = delete;
  HttpDoors& operator=(const HttpDoors&) = delete;

  // Serves these from now on and no others; connections of one that stays go on.
  void publish(std::vector<OpenDoor> doors);
  void stop_accepting();
  void stop();

  DoorCounts counts() const;  // of all of them, since the start

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

boost::json::object doors_json(const DoorCounts& counts);
std::string doors_text(const DoorCounts& counts);  // Prometheus text

}  // namespace arbortls::server
