#include "config/formats_automatic.hpp"
#include "config/keys.hpp"

#include <utility>

namespace arbortls::config {

namespace {

// Those of the table's keys that stand in `value` are complained about, each at its own place.
void refuse_keys(const Value& value, Keys keys, ListenerKind kind, const std::string& advice) {
  for (const Key& key : keys) {
    complain_of_key(value, key.name, Severity::error,
                    "has no meaning for `kind: " + std::string(word_of(kind)) + "`" + advice);
  }
}

void refuse_keys_of_other_kinds(const Value& value, ListenerKind kind) {
  if (kind == ListenerKind::tls) {
    refuse_keys(value, http_listener_keys(), kind, "; did you mean `kind: http_redirect`?");
    return;
  }
  refuse_keys(value, tls_listener_keys(), kind, ", which speaks HTTP without TLS; leave it out");
  refuse_keys(value, inherited_keys(), kind, ", which has no connections to backends; leave it out");
  if (kind == ListenerKind::trust_page) {
    refuse_keys(value, http_listener_keys(), kind, ", which shows that page and nothing else");
  }
}

}  // namespace

Keys listener_keys() {
  static constexpr Key rows[] = {
      key<OwnName, AnyListener, &AnyListener::name>("name", "`listener-1`, `listener-2` ...",
                                                    "its name in logs, metrics and `--listener`"),
      key<OneOf<ListenerKind>, AnyListener, &AnyListener::kind>(
          "kind", "tls",
          "what it does: `tls` terminates TLS; `http_redirect`, for port 80, answers ACME's "
          "challenges and sends everybody else to https; `trust_page` shows how clients come to "
          "trust the daemon's own CA (`local_ca`)"),
      required(key<ListenAddress, AnyListener, &AnyListener::address>(
          "address", "", "where to listen; `[::]:PORT` takes IPv4 too")),
      needs_restart(key<Whole<1, 65535>, AnyListener, &AnyListener::backlog>(
          "backlog", "4096", "connections the kernel may hold before they are accepted")),
  };
  return rows;
}

Keys tls_listener_keys() {
  static constexpr Key rows[] = {
      key<OneOf<Role>, Listener, &Listener::role>(
          "role", "ws",
          "what it fronts: `ws` web server (HTTPS, WSS), `sg` SIP gate (SIP over TLS)"),
      key<Path, Listener, &Listener::certdir>("certdir", "none",
                                              "directory with `server.key` and `server.crt`, or "
                                              "`server.p12` or `server.pfx`, for names that no "
                                              "domain has a certificate for"),
      secret(key<Passphrase, Listener, &Listener::key_passphrase>(
          "key_passphrase", "none", "where the passphrase of an encrypted `server.key` or `server.p12` stands")),
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
  };
  return rows;
}

Keys http_listener_keys() {
  static constexpr Key rows[] = {
      key<HttpServer, HttpListener, &HttpListener::acme_backend>(
          "acme_backend", "none",
          "a server that is asked for what stands below `/.well-known/acme-challenge/` and is not "
          "known here: a platform with an ACME client of its own"),
      key<Whole<1, 65535>, HttpListener, &HttpListener::redirect_to>(
          "redirect_to", "443", "the port of https that everything else is redirected to"),
      key<Boolean, HttpListener, &HttpListener::trust_page>(
          "trust_page", "false",
          "shows at `/trust/` how clients come to trust the daemon's own CA (`local_ca`)"),
  };
  return rows;
}

void read_listener(const Value& value, Settings& settings) {
  AnyListener any;
  Listener tls;
  HttpListener http;
  read_map(value, {{listener_keys(), &any},
                   {tls_listener_keys(), &tls},
                   {inherited_keys(), &tls.inherited},
                   {http_listener_keys(), &http}});
  refuse_keys_of_other_kinds(value, any.kind);
  any.place = value.place();
  any.index = settings.listeners.size() + settings.http_listeners.size();
  if (any.kind == ListenerKind::tls) {
    static_cast<AnyListener&>(tls) = std::move(any);
    settings.listeners.push_back(std::move(tls));
  } else {
    http.trust_page |= any.kind == ListenerKind::trust_page;
    static_cast<AnyListener&>(http) = std::move(any);
    settings.http_listeners.push_back(std::move(http));
  }
}

}  // namespace arbortls::config
