#pragma once
// The configuration as data. Plain values; no file is opened here but the one that is asked for; knows neither
// Asio, nor sockets, nor OpenSSL.

#include "base/problem.hpp"
#include "config/automatic.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::config {

using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;

enum class CertificateChoice { nearest, valid };
enum class Role { ws, sg };
enum class ListenerKind { tls, http_redirect, trust_page };
enum class Balance { least_conn, round_robin, source_hash };
enum class SendProxy { none, v1, v2 };
enum class Connect { first_bytes, early };
enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };
enum class TlsVersion { tls1_2, tls1_3 };

// A value with the place it was written at, for messages and for explain's `from`.
template <class T>
struct Located {
  T value{};
  Place place;
};

// The most of something that there may be at once.
struct AtMost {
  int count = 0;  // 0 = no limit
  bool operator==(const AtMost&) const = default;
};

// What a connection inherits: from the nearest domain on its path that sets it, else from its listener, else
// the built-in (see inherited_defaults()).
struct Inherited {
  std::optional<Located<std::string>> backend;
  std::optional<Located<Milliseconds>> idle_timeout;        // 1h
  std::optional<Located<Milliseconds>> half_close_timeout;  // 60s: silence allowed once one side has ended
  std::optional<Located<CertificateChoice>> certificate_choice;  // nearest
  std::optional<Located<TlsVersion>> tls_min_version;            // 1.2
  std::optional<Located<AtMost>> max_connections;  // none; the count is that of whoever sets it
  std::optional<Located<AtMost>> max_handshakes;   // none; likewise
  AutomaticPtr automatic;  // of domains only, and resolved apart: see tls/automatic.hpp
};

// `certificate_pem`: the text itself, or `file:PATH` made absolute.
struct PemSource {
  std::string text;  // secret
  std::string file;
};

struct Domain {
  std::string name;  // normalized
  Place place;
  std::optional<Located<std::string>> parent;  // normalized
  std::optional<Located<PemSource>> certificate_pem;
  std::optional<Located<SecretSource>> key_passphrase;
  Inherited inherited;
};

// What listeners of every kind have.
struct AnyListener {
  std::string name;
  Place place;
  std::size_t index = 0;  // in the file's list of listeners of all kinds
  ListenerKind kind = ListenerKind::tls;
  Located<std::string> address;  // host:port, [v6]:port, unix:/path, systemd:NAME; checked
  int backlog = 4096;
};

struct Listener : AnyListener {
  Role role = Role::ws;
  std::optional<Located<std::string>> certdir;  // alias resolved, absolute
  std::optional<Located<SecretSource>> key_passphrase;
  Inherited inherited;
  std::vector<Located<std::string>> accept_proxy;  // addresses, networks (CIDR), or `unix`; checked
  Milliseconds handshake_timeout{10'000};
  Milliseconds proxy_header_timeout{3'000};
  Milliseconds handshake_patience{4'000};  // 0 = no handshake is dropped for its wait
};

// Of another kind than tls: speaks HTTP without TLS.
struct HttpListener : AnyListener {
  std::optional<Located<std::string>> acme_backend;  // IP:PORT, [V6]:PORT or unix:/path, for challenges not known here
  int redirect_to = 443;    // the port of https
  bool trust_page = false;  // shows it beside the redirect; always, if that is its kind
};

struct Backend {
  std::string name;
  Place place;
  std::vector<Located<std::string>> servers;  // host:port, [v6]:port, unix:/path; checked
  Balance balance = Balance::least_conn;
  SendProxy send_proxy = SendProxy::none;
  Connect connect = Connect::first_bytes;
  Milliseconds connect_timeout{5'000};
  std::optional<Milliseconds> health_check;  // interval of connect-and-close checks
  std::vector<std::string> source_addresses;  // IP addresses to connect from, in turn
};

// What protects the daemon from single clients; nothing unless set.
struct Limits {
  AtMost handshakes;                          // in progress, in all
  AtMost handshakes_per_address;              // in progress
  AtMost connections_per_second_per_address;  // new ones
  int connection_burst_per_address = 50;      // new ones at once, after silence
  std::vector<Located<std::string>> exempt;   // addresses, networks (CIDR), or `unix`; checked
};

struct Log {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

struct Workers {
  int handshake = 0;  // threads; 0 = one for each two cores, at least 1
  int relay = 0;
  int handshake_nice = 5;  // added niceness of handshake threads, 0..19
};

// Programs that are told what happens to certificates; empty: nobody is.
struct Hooks {
  CommandLine renewed;
  CommandLine failed;
  CommandLine expiring;
  std::string run_as;  // a user's name; "": whom the daemon picks, never itself
};

// How long before its end a certificate is told of.
struct Expiry {
  Milliseconds info{30 * 86'400'000ll};
  Milliseconds warning{14 * 86'400'000ll};
};

// The daemon's own CA, which serves domains with `local_ca`.
struct Authority {
  Milliseconds lifetime{30 * 86'400'000ll};  // of what it issues
  Milliseconds root_lifetime{3650 * 86'400'000ll};
  std::optional<Located<SecretSource>> key_passphrase;
};

struct Settings {
  std::string file;  // where it was read from
  std::string master_domain;
  std::string state_dir = "/var/lib/arbortls";
  std::string control_socket = "/run/arbortls/control.sock";
  std::map<std::string, Located<std::string>> aliases;
  std::optional<Located<std::string>> domains_dir;
  std::vector<Domain> domains;
  std::vector<Listener> listeners;
  std::vector<HttpListener> http_listeners;
  std::vector<Backend> backends;
  Log log;
  Workers workers;
  Limits limits;
  Hooks hooks;
  Expiry expiry;
  Authority authority;
  bool acme_self_check = true;
  int acme_orders_per_3h = 300;  // to one directory, all its domains together
  Milliseconds drain_timeout{30'000};
  Milliseconds watch_settle{300};
  Milliseconds watch_poll{30'000};
  std::uint64_t context_cache = 64ull << 20;  // bytes of ready TLS contexts kept, all threads together
  Milliseconds ticket_lifetime{12 * 3'600'000};  // how long a key issues tickets; two older ones still open them
  bool strict_key_permissions = false;
  bool complete_chains = false;
};

}  // namespace arbortls::config
