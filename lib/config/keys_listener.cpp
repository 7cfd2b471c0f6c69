#include "config/keys.hpp"

namespace arbortls::config {

Keys listener_keys() {
  static constexpr Key rows[] = {
      key<OwnName, Listener, &Listener::name>("name", "`listener-1`, `listener-2` ...",
                                              "its name in logs, metrics and `--listener`"),
      key<OneOf<Role>, Listener, &Listener::role>(
          "role", "ws",
          "what it fronts: `ws` web server (HTTPS, WSS), `sg` SIP gate (SIP over TLS)"),
      required(key<ListenAddress, Listener, &Listener::address>(
          "address", "", "where to listen; `[::]:PORT` takes IPv4 too")),
      key<Path, Listener, &Listener::certdir>("certdir", "none",
                                              "directory with `server.key` and `server.crt`, for "
                                              "names that no domain has a certificate for"),
      secret(key<Passphrase, Listener, &Listener::key_passphrase>(
          "key_passphrase", "none", "where the passphrase of an encrypted `server.key` stands")),
      list_key<Peer, Listener, &Listener::accept_proxy>(
          "accept_proxy", "[]", "peers whose PROXY v1/v2 header is believed, and has to be there"),
      key<Duration<100, 600'000>, Listener, &Listener::handshake_timeout>(
          "handshake_timeout", "10s", "longest time from accept to the end of the handshake"),
      key<Duration<100, 600'000>, Listener, &Listener::proxy_header_timeout>(
          "proxy_header_timeout", "3s", "longest time from accept to the end of the PROXY header"),
      key<Duration<0, 600'000>, Listener, &Listener::handshake_patience>(
          "handshake_patience", "4s",
          "while more clients come than can be served, a handshake that has waited here for so "
          "long is dropped, since its client has given up; `0`: none is"),
      needs_restart(key<Whole<1, 65535>, Listener, &Listener::backlog>(
          "backlog", "4096", "connections the kernel may hold before they are accepted")),
  };
  return rows;
}

void read_listener(const Value& value, Listener& listener) {
  read_map(value, {{listener_keys(), &listener}, {inherited_keys(), &listener.inherited}});
}

}  // namespace arbortls::config
