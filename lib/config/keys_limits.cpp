#include "config/keys.hpp"

namespace arbortls::config {

Keys limit_keys() {
  static constexpr Key rows[] = {
      key<Limit<max_limit>, Limits, &Limits::handshakes>(
          "handshakes", "none", "handshakes in progress, in all; they count from accept"),
      key<Limit<max_limit>, Limits, &Limits::handshakes_per_address>(
          "handshakes_per_address", "none", "handshakes in progress for one client address"),
      key<Limit<1'000'000>, Limits, &Limits::connections_per_second_per_address>(
          "connections_per_second_per_address", "none",
          "new connections a second from one client address, over time"),
      key<Whole<1, 1'000'000>, Limits, &Limits::connection_burst_per_address>(
          "connection_burst_per_address", "50",
          "how many of them may come at once after a silence; the rate above refills this"),
      list_key<Peer, Limits, &Limits::exempt>(
          "exempt", "[]", "addresses that the limits per address do not count"),
  };
  return rows;
}

}  // namespace arbortls::config
