// Sound values and what becomes of them.
#include "config/describe.hpp"
#include "config/load.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

namespace arbortls::config {
namespace {

using test::sound;
using Lines = std::vector<std::string>;

Settings settings_of(const std::string& text, const std::string& file = "/etc/a.yaml") {
  const Parsed parsed = parse(text, file);
  CHECK(test::lines(parsed.problems) == Lines{});
  return parsed.settings;
}

class Credentials {
 public:
  explicit Credentials(const char* directory) {
    if (directory != nullptr) {
      ::setenv("CREDENTIALS_DIRECTORY", directory, 1);
    } else {
      ::unsetenv("CREDENTIALS_DIRECTORY");
    }
  }
  ~Credentials() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
};

}  // namespace

TEST_CASE("times take ms, s, m, h and d", "[config]") {
  const auto [text, expected] = GENERATE(table<std::string, long>({
      {"0", 0},
      {"0s", 0},
      {"500ms", 500},
      {"10s", 10'000},
      {"5m", 300'000},
      {"1h", 3'600'000},
      {"1d", 86'400'000},
      {"\"010s\"", 10'000},
  }));
  CHECK(settings_of(sound() + "drain_timeout: " + text).drain_timeout.count() == expected);
}

TEST_CASE("sizes take kB, MB and GB, counted by 1024", "[config]") {
  const auto [text, expected] = GENERATE(table<std::string, std::uint64_t>({
      {"100kB", 102'400},
      {"1MB", 1'048'576},
      {"64GB", 68'719'476'736},
  }));
  CHECK(settings_of(sound() + "context_cache: " + text).context_cache == expected);
}

TEST_CASE("text of a time or size is read back as the same", "[config]") {
  for (const long count : {0l, 1l, 999l, 1000l, 1500l, 60'000l, 90'000l, 300'000l, 3'600'000l,
                           5'400'000l, 86'400'000l}) {
    const std::string text = to_text(Milliseconds(count));
    CHECK(settings_of(sound() + "drain_timeout: " + text).drain_timeout.count() == count);
  }
  CHECK(to_text(Milliseconds(3'600'000)) == "1h");
  CHECK(to_text(Milliseconds(60'000)) == "60s");
  CHECK(to_text(Milliseconds(300'000)) == "5m");
  CHECK(size_to_text(64u << 20) == "64MB");
  CHECK(size_to_text(1000) == "1000 bytes");
  CHECK(size_to_text(0) == "0 bytes");
}

TEST_CASE("relative paths are relative to the file", "[config]") {
  const auto [file, directory] = GENERATE(table<std::string, std::string>({
      {"/etc/arbortls/a.yaml", "/etc/arbortls"},
      {"/a.yaml", "/"},
      {"/etc/x/../a.yaml", "/etc"},
      {"a.yaml", std::filesystem::current_path().string()},
      {"./b/a.yaml", std::filesystem::current_path().string() + "/b"},
  }));
  const std::string base = directory == "/" ? "/" : directory + "/";
  const Settings s = settings_of(sound() +
                                     "state_dir: state\ncontrol_socket: ./s.sock\ndomains_dir: /d\n"
                                     "domains: [{name: b.example, certificate_pem: \"file:b.pem\", "
                                     "key_passphrase: file:b.pass}]\n",
                                 file);
  CHECK(s.file == file);
  CHECK(s.state_dir == base + "state");
  CHECK(s.control_socket == base + "s.sock");
  CHECK(s.domains_dir->value == "/d");
  CHECK(s.domains.at(0).certificate_pem->value.file == base + "b.pem");
  CHECK(s.domains.at(0).certificate_pem->value.text.empty());
  CHECK(s.domains.at(0).key_passphrase->value.file == base + "b.pass");
}

TEST_CASE("an alias may stand behind its use, and be relative itself", "[config]") {
  const Settings s = settings_of(
      "state_dir: alias://paths/state\n" + sound() +
      "aliases: [{alias: state, value: s}, {alias: again, value: alias://paths/state}]\n");
  CHECK(s.state_dir == "/etc/s");
  CHECK(s.aliases.at("again").value == "/etc/s");
  CHECK(s.aliases.at("state").place.line == 5);
}

TEST_CASE("listeners without a name are called by their number", "[config]") {
  const Settings s = settings_of(
      "master_domain: a.example\nbackends: [{name: b, servers: [\"h:1\"]}]\nlisteners:\n"
      "- {address: \"h:1\", backend: b}\n- {name: x, address: \"h:2\", backend: b}\n"
      "- {address: \"h:3\", backend: b}\n");
  CHECK(s.listeners.at(0).name == "listener-1");
  CHECK(s.listeners.at(1).name == "x");
  CHECK(s.listeners.at(2).name == "listener-3");
}

TEST_CASE("every key of a listener and of a backend arrives in its place", "[config]") {
  const Settings s = settings_of(R"(
master_domain: a.example
listeners:
  - name: l
    role: sg
    address: unix:run/l.sock
    certdir: cert
    key_passphrase: file:/p
    backend: b
    accept_proxy: [10.0.0.0/8, "::1", unix]
    handshake_timeout: 1s
    proxy_header_timeout: 2s
    backlog: 7
    idle_timeout: 3s
    half_close_timeout: 4s
    certificate_choice: valid
    tls_min_version: 1.3
backends:
  - name: b
    servers: ["h:1"]
    balance: source_hash
    send_proxy: v2
    connect: early
    connect_timeout: 5s
    health_check: { interval: 6s }
    source_addresses: [127.0.0.2, "::1"]
log: { level: warning, format: json }
workers: { handshake: 1, relay: 2, handshake_nice: 3 }
watch: { settle: 0, poll_interval: 8s }
ticket_lifetime: 1h
)");
  const Listener& l = s.listeners.at(0);
  CHECK(l.name == "l");
  CHECK(l.role == Role::sg);
  CHECK(l.address.value == "unix:/etc/run/l.sock");
  CHECK(l.certdir->value == "/etc/cert");
  CHECK(l.key_passphrase->value.file == "/p");
  REQUIRE(l.accept_proxy.size() == 3);
  CHECK(l.accept_proxy[1].value == "::1");
  CHECK(l.accept_proxy[1].place.line == 10);
  CHECK(l.accept_proxy[1].place.column == 32);
  CHECK(l.handshake_timeout.count() == 1000);
  CHECK(l.proxy_header_timeout.count() == 2000);
  CHECK(l.backlog == 7);
  CHECK(l.inherited.idle_timeout->value.count() == 3000);
  CHECK(l.inherited.half_close_timeout->value.count() == 4000);
  CHECK(l.inherited.certificate_choice->value == CertificateChoice::valid);
  CHECK(l.inherited.tls_min_version->value == TlsVersion::tls1_3);
  const Backend& b = s.backends.at(0);
  CHECK(b.balance == Balance::source_hash);
  CHECK(b.send_proxy == SendProxy::v2);
  CHECK(b.connect == Connect::early);
  CHECK(b.connect_timeout.count() == 5000);
  CHECK(b.health_check->count() == 6000);
  CHECK(b.source_addresses == Lines{"127.0.0.2", "::1"});
  CHECK(s.log.level == LogLevel::warning);
  CHECK(s.log.format == LogFormat::json);
  CHECK(s.workers.handshake == 1);
  CHECK(s.workers.relay == 2);
  CHECK(s.workers.handshake_nice == 3);
  CHECK(s.watch_settle.count() == 0);
  CHECK(s.watch_poll.count() == 8000);
  CHECK(s.ticket_lifetime.count() == 3'600'000);
}

TEST_CASE("a list whose entries are commented out is empty", "[config]") {
  CHECK(settings_of(sound() + "domains:\n#  - name: a.example\naliases:\n").domains.empty());
}

TEST_CASE("a credential is a file of $CREDENTIALS_DIRECTORY", "[config]") {
  const std::string text =
      sound() + "domains: [{name: b.example, key_passphrase: \"cred:b.pass\"}]\n";
  {
    const Credentials set("/run/credentials/arbortls.service");
    CHECK(settings_of(text).domains.at(0).key_passphrase->value.file ==
          "/run/credentials/arbortls.service/b.pass");
    for (const char* name : {"", "..", "a/b", "../x"}) {
      const auto lines = test::problems_of(
          sound() + "domains: [{name: b.example, key_passphrase: \"cred:" + name + "\"}]\n");
      REQUIRE(lines.size() == 1);
      CHECK(lines[0].find("the name of a credential has to be") != std::string::npos);
    }
  }
  const Credentials unset(nullptr);
  const auto lines = test::problems_of(text);
  REQUIRE(lines.size() == 1);
  CHECK(
      lines[0].starts_with("/etc/a.yaml:4:45: domains[0].key_passphrase: $CREDENTIALS_DIRECTORY"));
}

TEST_CASE("every inherited setting can be told as text, with its place and built-in", "[config]") {
  Inherited set;
  set.backend = Located<std::string>{"web", {"f", 1, 2}};
  set.idle_timeout = Located<Milliseconds>{Milliseconds(3'600'000), {"f", 3, 4}};
  set.tls_min_version = Located<TlsVersion>{TlsVersion::tls1_3, {"f", 5, 6}};
  Lines told;
  for_each_inherited([&](const auto& key) {
    told.push_back(std::string(key.name) + "=" + key.text(set).value_or("?") + "@" +
                   std::to_string(key.place(set).line) + " " + std::string(key.default_text));
  });
  CHECK(told == Lines{"backend=web@1 ", "idle_timeout=1h@3 1h", "half_close_timeout=?@0 60s",
                      "certificate_choice=?@0 nearest", "tls_min_version=1.3@5 1.2",
                      "max_connections=?@0 none", "max_handshakes=?@0 none"});
}

}  // namespace arbortls::config
