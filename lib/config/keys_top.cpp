#include "config/keys.hpp"

namespace arbortls::config {
namespace {

std::string mapping_words() { return "a mapping"; }
std::string mappings_words() { return "a list of mappings"; }

struct Alias {
  Place place;
  std::string alias;
  std::string value;
};

void read_alias(const Value& value, std::map<std::string, Located<std::string>>& aliases) {
  Alias alias;
  read_map(value, {{alias_keys(), &alias}});
  if (alias.alias.empty() || alias.value.empty()) return;
  const auto [first, is_new] =
      aliases.try_emplace(alias.alias, Located<std::string>{alias.value, value.place()});
  if (is_new) return;
  value.error("repeated alias " + quoted(alias.alias) + "; it stands in line " +
              std::to_string(first->second.place.line) + " already");
}

void read_aliases(const Value& value, void* settings) {
  auto& aliases = static_cast<Settings*>(settings)->aliases;
  for_each_element(value, [&](const Value& element) { read_alias(element, aliases); });
}

void read_listeners(const Value& value, void* settings) {
  for_each_element(value, [&](const Value& element) {
    read_listener(element, *static_cast<Settings*>(settings));
  });
}

template <auto Member, Keys (*Rows)()>
void read_part(const Value& value, void* settings) {
  read_map(value, {{Rows(), &(static_cast<Settings*>(settings)->*Member)}});
}

void read_watch(const Value& value, void* settings) { read_map(value, {{watch_keys(), settings}}); }

template <auto Member, Keys (*Rows)()>
constexpr Key part(std::string_view name, std::string_view help) {
  return {name, &mapping_words, "see below", help, &read_part<Member, Rows>, Rows};
}

template <auto Member, auto Read>
constexpr Key sections(std::string_view name, std::string_view help, Keys (*children)()) {
  Key row{name, &mappings_words, "[]", help, &read_sections<Settings, Member, Read>, children};
  row.is_list = true;
  return row;
}

constexpr Key listeners_row() {
  Key row{"listeners",     &mappings_words, "[]", "where clients connect to",
          &read_listeners, &listener_keys};
  row.is_list = true;
  return row;
}

constexpr Key aliases_row() {
  Key row{"aliases",     &mappings_words, "[]", "names for paths, used as `alias://paths/NAME`",
          &read_aliases, &alias_keys};
  row.is_list = true;
  return row;
}

}  // namespace

Keys alias_keys() {
  static constexpr Key rows[] = {
      required(key<OwnName, Alias, &Alias::alias>("alias", "", "the name")),
      required(key<Path, Alias, &Alias::value>("value", "", "the path it stands for")),
  };
  return rows;
}

Keys log_keys() {
  static constexpr Key rows[] = {
      key<OneOf<LogLevel>, Log, &Log::level>("level", "info", "the least level that is written"),
      key<OneOf<LogFormat>, Log, &Log::format>("format", "text",
                                               "lines of text, or one JSON object a line"),
  };
  return rows;
}

Keys worker_keys() {
  static constexpr Key rows[] = {
      needs_restart(key<Whole<0, 1024>, Workers, &Workers::handshake>(
          "handshake", "0", "threads for handshakes; 0: one for each two cores, at least 1")),
      needs_restart(key<Whole<0, 1024>, Workers, &Workers::relay>(
          "relay", "0",
          "threads for established connections; 0: one for each two cores, at least 1")),
      needs_restart(key<Whole<0, 19>, Workers, &Workers::handshake_nice>(
          "handshake_nice", "5",
          "niceness added to handshake threads, so that a flood of them does not delay calls")),
  };
  return rows;
}

Keys watch_keys() {
  static constexpr Key rows[] = {
      key<Duration<0, 60'000>, Settings, &Settings::watch_settle>(
          "settle", "300ms", "a file written in place is read when it was quiet for so long"),
      key<Duration<1000, 86'400'000>, Settings, &Settings::watch_poll>(
          "poll_interval", "30s",
          "all files are looked at so often, for file systems that do not notify"),
  };
  return rows;
}

// `aliases` stands before every key that takes a path, since values are read in this order.
Keys top_keys() {
  static constexpr Key rows[] = {
      required(key<HostName, Settings, &Settings::master_domain>("master_domain", "",
                                                                 "the root of the domain tree")),
      aliases_row(),
      needs_restart(key<Path, Settings, &Settings::state_dir>(
          "state_dir", "/var/lib/arbortls",
          "default certificate, ticket keys, last good certificates (mode 0700)")),
      needs_restart(key<Path, Settings, &Settings::control_socket>(
          "control_socket", "/run/arbortls/control.sock",
          "UNIX socket of `status`, `reload` and the like")),
      key<Path, Settings, &Settings::domains_dir>("domains_dir", "none",
                                                  "directory of `NAME.yaml` (keys of a domain) and "
                                                  "`NAME.pem` (its `certificate_pem`); either "
                                                  "makes the domain; watched"),
      sections<&Settings::domains, &read_domain>("domains", "the domains that stand here",
                                                 &domain_keys),
      listeners_row(),
      sections<&Settings::backends, &read_backend>("backends", "the servers behind", &backend_keys),
      part<&Settings::log, &log_keys>("log", "what is logged, to standard error"),
      needs_restart(part<&Settings::workers, &worker_keys>("workers", "threads")),
      part<&Settings::limits, &limit_keys>("limits", "what single clients may cost"),
      part<&Settings::expiry, &expiry_keys>("expiry", "how long before its end a certificate is told of"),
      part<&Settings::hooks, &hook_keys>("hooks", "programs that are told what happens to certificates"),
      part<&Settings::authority, &authority_keys>("authority", "the daemon's own CA, for domains with `local_ca`"),
      key<Boolean, Settings, &Settings::acme_self_check>(
          "acme_self_check", "true",
          "where an `http_redirect` listener has port 80: before http-01 is asked for, each name is "
          "asked for an answer of our own; one that does not reach this server is not ordered"),
      key<Whole<1, 100'000>, Settings, &Settings::acme_orders_per_3h>(
          "acme_orders_per_3h", "300",
          "most certificates that are ordered from one ACME directory within three hours; Let's "
          "Encrypt allows an account 300"),
      key<Duration<0, 86'400'000>, Settings, &Settings::drain_timeout>(
          "drain_timeout", "30s", "at the end, how long connections may finish"),
      Key{"watch", &mapping_words, "see below", "how changed files are found", &read_watch,
          &watch_keys},
      key<Size, Settings, &Settings::context_cache>(
          "context_cache", "64MB", "memory for ready TLS contexts, all threads together"),
      key<Duration<60'000, 7 * 86'400'000ll>, Settings, &Settings::ticket_lifetime>(
          "ticket_lifetime", "12h",
          "how long one key makes session tickets; two older ones still open them"),
      key<Boolean, Settings, &Settings::strict_key_permissions>(
          "strict_key_permissions", "false",
          "refuse key files that group or others can read, instead of warning"),
      key<Boolean, Settings, &Settings::complete_chains>(
          "complete_chains", "false",
          "serve a chain that lacks an intermediate with the one that is known from another "
          "certificate, instead of only warning"),
  };
  return rows;
}

}  // namespace arbortls::config
