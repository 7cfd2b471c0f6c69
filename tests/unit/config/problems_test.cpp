// What is wrong is said in full, at its place, in one go.
#include "config/load.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <tuple>

namespace arbortls::config {
namespace {

using test::problems_of;
using test::sound;
using Lines = std::vector<std::string>;

// What is appended to the sound text begins in line 4.
std::string at(const std::string& rest) { return "/etc/a.yaml:" + rest; }

}  // namespace

TEST_CASE("five errors in one file are all reported, in file order, each at its place",
          "[config]") {
  CHECK(
      problems_of("master_domain: softphone.example\n"
                  "context_cache: 64\n"
                  "lisseners: []\n"
                  "backends:\n"
                  "  - name: web\n"
                  "    servers: [\"127.0.0.1:8088\"]\n"
                  "    balance: random\n"
                  "listeners:\n"
                  "  - address: \"::1:443\"\n"
                  "    backend: wbe\n") ==
      Lines{
          at("2:16: context_cache: `64` is not valid here: the unit is missing, as in `64MB`; "
             "expected: a size such as `64MB`, `100kB` to `64GB`"),
          at("3:1: lisseners: unknown key (did you mean `listeners`?)"),
          at("7:14: backends[0].balance: `random` is not known here; expected: `least_conn`, "
             "`round_robin` or `source_hash`"),
          at("9:14: listeners[0].address: `::1:443` is not valid here: an IPv6 address has to "
             "stand "
             "in brackets, as in `[::1]:443`; expected: `HOST:PORT`, `[V6]:PORT`, `unix:/PATH` or "
             "`systemd:NAME`"),
          at("10:14: listeners[0].backend: there is no backend `wbe` (did you mean `web`?); known: "
             "`web`"),
      });
}

TEST_CASE("a repeated key is refused at every level", "[config]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"master_domain: b.example\n", "4:1: master_domain"},
      {"log: {level: info, level: info}\n", "4:20: log.level"},
      {"log:\n  level: info\n  \"level\": debug\n", "6:3: log.level"},
      {"watch: {settle: 1s, settle: 1s}\n", "4:21: watch.settle"},
      {"workers: {relay: 1, relay: 1}\n", "4:21: workers.relay"},
      {"aliases: [{alias: a, alias: b, value: /c}]\n", "4:22: aliases[0].alias"},
      {"domains: [{name: b.example, name: c.example}]\n", "4:29: domains[0].name"},
      {"domains:\n- name: b.example\n  backend: web\n  backend: web\n", "7:3: domains[0].backend"},
      {"nonsense: 1\nnonsense: 2\n", "5:1: nonsense"},
  }));
  const Lines lines = problems_of(sound() + text);
  CAPTURE(text, lines);
  REQUIRE(!lines.empty());
  CHECK(lines.back().starts_with(at(expected) + ": repeated key; it stands in line "));
}

TEST_CASE("keys repeated in listeners, backends and health checks are refused", "[config]") {
  CHECK(
      problems_of("master_domain: a.example\n"
                  "backends: [{name: b, name: b, servers: [\"h:1\"], "
                  "health_check: {interval: 5s, interval: 6s}}]\n"
                  "listeners: [{address: \"[::]:1\", backend: b, address: \"[::]:2\"}]\n") ==
      Lines{
          at("2:22: backends[0].name: repeated key; it stands in line 2 already: keep one of them"),
          at("2:78: backends[0].health_check.interval: repeated key; it stands in line 2 already: "
             "keep one of them"),
          at("3:45: listeners[0].address: repeated key; it stands in line 3 already: keep one of "
             "them"),
      });
}

TEST_CASE("an unknown key is refused, with the key that was meant", "[config]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"drain_timout: 1s\n", "4:1: drain_timout: unknown key (did you mean `drain_timeout`?)"},
      {"log: {levle: info}\n", "4:7: log.levle: unknown key (did you mean `level`?)"},
      {"log: {colour: info}\n", "4:7: log.colour: unknown key; known here: `level` or `format`"},
      {"domains: [{name: b.example, colour: x}]\n",
       "4:29: domains[0].colour: unknown key; known here: `name`, `parent`, `certificate_pem`, "
       "`key_passphrase`, `backend`, `idle_timeout`, `half_close_timeout`, `certificate_choice`, "
       "`tls_min_version`, `max_connections`, `max_handshakes`, "},
      {"<<: {log: {}}\n", "4:1: <<: unknown key"},
  }));
  const Lines lines = problems_of(sound() + text);
  CAPTURE(text);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].substr(0, at(expected).size()) == at(expected));
}

TEST_CASE("a wrong value is refused with what would be right", "[config]") {
  const auto [text, place, part] = GENERATE(table<std::string, std::string, std::string>({
      {"strict_key_permissions: yes\n", "4:25: strict_key_permissions",
       "expected: `true` or `false`"},
      {"strict_key_permissions: on\n", "4:25: strict_key_permissions", "`on` is not valid here"},
      {"strict_key_permissions: True\n", "4:25: strict_key_permissions", "expected: `true`"},
      {"strict_key_permissions: \"true\"\n", "4:25: strict_key_permissions", "in quotes"},
      {"strict_key_permissions: [true]\n", "4:25: strict_key_permissions", "a list stands here"},
      {"drain_timeout: 30\n", "4:16: drain_timeout", "the unit is missing, as in `30s`"},
      {"drain_timeout: 30 s\n", "4:16: drain_timeout", "units are ms, s, m, h, d"},
      {"drain_timeout: 1h30m\n", "4:16: drain_timeout", "units are ms, s, m, h, d"},
      {"drain_timeout: -1s\n", "4:16: drain_timeout", "units are ms, s, m, h, d"},
      {"drain_timeout: 1.5s\n", "4:16: drain_timeout", "units are"},
      {"drain_timeout: 2d\n", "4:16: drain_timeout", "expected: a time, `0` to `1d`"},
      {"drain_timeout: 99999999999999999999d\n", "4:16: drain_timeout", "`0` to `1d`"},
      {"drain_timeout: {}\n", "4:16: drain_timeout", "a mapping stands here"},
      {"drain_timeout:\n", "4:1: drain_timeout", "has no value"},
      {"drain_timeout: ~\n", "4:1: drain_timeout", "has no value"},
      {"context_cache: 1kb\n", "4:16: context_cache", "units are kB, MB, GB"},
      {"context_cache: 1kB\n", "4:16: context_cache", "`100kB` to `64GB`"},
      {"context_cache: 99999999999999999999GB\n", "4:16: context_cache", "`64GB`"},
      {"workers: {relay: 1.0}\n", "4:18: workers.relay", "a whole number, 0 to 1024"},
      {"workers: {relay: 0x1}\n", "4:18: workers.relay", "a whole number"},
      {"workers: {relay: \"1\"}\n", "4:18: workers.relay", "it stands in quotes"},
      {"workers: {handshake_nice: 20}\n", "4:27: workers.handshake_nice", "0 to 19"},
      {"log: text\n", "4:6: log", "has to be a mapping"},
      {"log: {format: xml}\n", "4:15: log.format", "expected: `text` or `json`"},
      {"log: {format: jsom}\n", "4:15: log.format", "did you mean `json`?"},
      {"state_dir: \"\"\n", "4:12: state_dir", "the path is empty"},
      {"state_dir: alias://paths/x\n", "4:12: state_dir", "there is no alias `x`; known: none"},
      {"state_dir: alias://x\n", "4:12: state_dir", "`alias://paths/NAME`"},
      {"aliases: {a: b}\n", "4:10: aliases", "has to be a list"},
      {"aliases: [{alias: a}]\n", "4:11: aliases[0].value", "is missing"},
      {"aliases: [{alias: a/b, value: c}]\n", "4:19: aliases[0].alias", "a name of letters"},
      {"aliases: [{alias: a, value: b}, {alias: a, value: c}]\n", "4:33: aliases[1]",
       "repeated alias `a`; it stands in line 4 already"},
      {"domains: [{name: a.example}, {name: A.EXAMPLE.}]\n", "4:30: domains[1].name",
       "`a.example` stands in line 4 already"},
      {"domains: [{}]\n", "4:11: domains[0].name", "is missing"},
      {"domains: [x]\n", "4:11: domains[0]", "has to be a mapping"},
      {"domains: [{name: \"*.a.example\"}]\n", "4:18: domains[0].name", "expected: a host name"},
      {"domains: [{name: 1.2.3.4}]\n", "4:18: domains[0].name", "IP address"},
      {"domains: [{name: a.example, parent: \"a..b\"}]\n", "4:37: domains[0].parent",
       "empty label"},
      {"domains: [{name: a.example, backend: x}]\n", "4:38: domains[0].backend",
       "there is no backend `x`; known: `web`"},
      {"domains: [{name: a.example, idle_timeout: 0}]\n", "4:43: domains[0].idle_timeout",
       "`1s` to `7d`"},
      {"domains: [{name: a.example, tls_min_version: 1.1}]\n", "4:46: domains[0].tls_min_version",
       "`1.2` or `1.3`"},
      {"domains: [{name: a.example, certificate_choice: best}]\n",
       "4:49: domains[0].certificate_choice", "`nearest` or `valid`"},
      {"domains: [{name: a.example, certificate_pem: \"file:\"}]\n",
       "4:46: domains[0].certificate_pem", "the path is empty"},
      {"? [a]\n: b\n", "4:3", "a key has to be a plain word"},
  }));
  const Lines lines = problems_of(sound() + text);
  CAPTURE(text, lines);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with(at(place) + ": "));
  CHECK(lines[0].find(part) != std::string::npos);
}

TEST_CASE("a wrong listener or backend is refused with what would be right", "[config]") {
  const auto [listener, backend, place, part] =
      GENERATE(table<std::string, std::string, std::string, std::string>({
          {"backend: b", "", "3:13: listeners[0].address", "is missing"},
          {"address: \"h:1\", backlog: 0", "", "3:39: listeners[0].backlog", "1 to 65535"},
          {"address: \"h:1\", role: web", "", "3:36: listeners[0].role", "`ws` or `sg`"},
          {"address: \"h:1\", name: \"a b\"", "", "3:36: listeners[0].name", "a name of letters"},
          {"address: \"h:1\", accept_proxy: [\"::1\", 10.0.0.1/8]", "",
           "3:52: listeners[0].accept_proxy[1]", "bits are set behind the prefix"},
          {"address: \"h:1\", accept_proxy: 10.0.0.0/8", "", "3:44: listeners[0].accept_proxy",
           "has to be a list"},
          {"address: \"h:1\", handshake_timeout: 11m", "", "3:49: listeners[0].handshake_timeout",
           "`100ms` to `10m`"},
          {"address: \"h:1\", certdir: alias://paths/x", "", "3:39: listeners[0].certdir",
           "there is no alias"},
          {"address: \"h:1\"", "servers: []", "2:33: backends[0].servers", "is empty"},
          {"address: \"h:1\"", "servers:", "2:24: backends[0].servers", "has no value"},
          {"address: \"h:1\"", "balance: round_robin", "2:12: backends[0].servers", "is missing"},
          {"address: \"h:1\"", "servers: [\"h:0\"]", "2:34: backends[0].servers[0]", "port 0"},
          {"address: \"h:1\"", "servers: [\"systemd:x\"]", "2:34: backends[0].servers[0]",
           "to listen on, not to connect to"},
          {"address: \"h:1\"", "servers: [\"h:1\"], health_check: {}",
           "2:56: backends[0].health_check.interval", "is missing"},
          {"address: \"h:1\"", "servers: [\"h:1\"], source_addresses: [h]",
           "2:61: backends[0].source_addresses[0]", "an IP address"},
      }));
  const std::string servers = backend.empty() ? "servers: [\"h:1\"]" : backend;
  const Lines lines = problems_of("master_domain: a.example\nbackends: [{name: b,   " + servers +
                                  "}]\nlisteners: [{" + listener + ", " +
                                  (listener == "backend: b" ? "" : "backend: b") + "}]\n");
  CAPTURE(listener, backend, lines);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with(at(place) + ": "));
  CHECK(lines[0].find(part) != std::string::npos);
}

TEST_CASE("names of listeners and backends may stand once", "[config]") {
  CHECK(problems_of("master_domain: a.example\n"
                    "backends:\n"
                    "- {name: b, servers: [\"h:1\"]}\n"
                    "- {name: b, servers: [\"h:1\"]}\n"
                    "listeners:\n"
                    "- {name: listener-2, address: \"h:1\", backend: b}\n"
                    "- {address: \"h:2\", backend: b}\n") ==
        Lines{
            at("4:3: backends[1].name: `b` stands in line 3 already; each name may stand once"),
            at("7:3: listeners[1].name: `listener-2` stands in line 6 already; each name may stand "
               "once"),
        });
}

TEST_CASE("what leads nowhere but may still be meant is a warning", "[config]") {
  const auto bare = parse("master_domain: a.example\n", "/etc/a.yaml");
  CHECK(!has_errors(bare.problems));
  CHECK(test::lines(bare.problems) ==
        Lines{"/etc/a.yaml: listeners: warning: there is no listener, so no client can connect"});

  const std::string head = "master_domain: a.example\nlisteners: [{address: \"h:1\"}]\n";
  const auto no_backend = parse(head, "/etc/a.yaml");
  CHECK(!has_errors(no_backend.problems));
  REQUIRE(no_backend.problems.size() == 1);
  CHECK(
      test::lines(no_backend.problems)[0].starts_with(at("2:13: listeners[0].backend: warning: ")));

  CHECK(problems_of(head + "backends: [{name: b, servers: [\"h:1\"]}]\n"
                           "domains: [{name: a.example, backend: b}]\n") == Lines{});
}

TEST_CASE("no message shows a secret", "[config]") {
  ::unsetenv("CREDENTIALS_DIRECTORY");
  const std::string secret = GENERATE("hunter2", "hun ter2", "-----BEGIN PRIVATE KEY-----hunter2");
  const std::string key = GENERATE("key_passphrase", "certificate_pem", "key_passphrase: {a",
                                   "certificate_pem: [a", "key_passphras", "key_passphrase: 1\n  x",
                                   "key_passphrase: cred:x\n  key_passphrase");
  std::string text = sound() + "domains:\n- name: b.example\n  " + key + ": \"" + secret + "\"";
  if (key.find('{') != key.npos) text += "}";
  if (key.find('[') != key.npos) text += "]";
  const Lines lines = problems_of(text + "\n");
  CAPTURE(text, lines);
  if (key != "certificate_pem" || secret.starts_with("hun")) CHECK(!lines.empty());
  for (const std::string& line : lines) {
    CHECK(line.find("hunter2") == line.npos);
    CHECK(line.find("ter2") == line.npos);
  }
}

TEST_CASE("a key text that slipped out of its place is not shown", "[config]") {
  const std::string pem = GENERATE("-----BEGIN KEY-----\\nhunter2\\n-----END KEY-----",
                                   "-----BEGIN KEY----- hunter2", "hunter2\\nhunter2");
  const auto [before, after] = GENERATE(table<std::string, std::string>({
      {"drain_timeout: ", ""},
      {"strict_key_permissions: ", ""},
      {"log: ", ""},
      {"log: {level: ", "}"},
      {"workers: {relay: ", "}"},
      {"domains: [{name: ", "}]"},
      {"domains: [{name: b.example, parent: ", "}]"},
      {"domains: [{name: b.example, backend: ", "}]"},
      {"domains: [{name: b.example, ", ": x}]"},
      {"aliases: [{value: x, alias: ", "}]"},
      {"domains_dir: alias://paths/x\n", ": x"},
      {"", ": x"},
  }));
  const std::string text = sound() + before + '"' + pem + '"' + after + "\n";
  const Lines lines = problems_of(text);
  CAPTURE(text, lines);
  CHECK(!lines.empty());
  for (const std::string& line : lines) CHECK(line.find("hunter2") == line.npos);
}

TEST_CASE("a key text in the place of an address is not shown", "[config]") {
  const std::string pem = GENERATE("-----BEGIN KEY-----\\nhunter2:1", "hunter2\\nhunter2 x:1");
  for (const std::string& line : problems_of(
           "master_domain: a.example\nbackends: [{name: b, servers: [\"" + pem +
           "\"], source_addresses: [\"" + pem + "\"]}]\nlisteners: [{backend: b, address: \"" +
           pem + "\", accept_proxy: [\"" + pem + "\"]}]\n")) {
    CAPTURE(line);
    CHECK(line.find("hunter2") == line.npos);
  }
}

TEST_CASE("two listeners cannot have one fixed address, but any number may ask for port 0", "[config]") {
  const std::string head =
      "master_domain: a.example\n"
      "backends: [{name: web, servers: [\"127.0.0.1:1\"]}]\n"
      "listeners:\n";
  const auto listener = [](const std::string& name, const std::string& address) {
    return "  - {name: " + name + ", address: \"" + address + "\", backend: web}\n";
  };
  CHECK(problems_of(head + listener("a", "127.0.0.1:0") + listener("b", "127.0.0.1:0")).empty());
  const Lines lines = problems_of(head + listener("a", "[::]:443") + listener("b", "[::]:443"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find(":5:24: listeners[1].address: ") != std::string::npos);
  CHECK(lines[0].find("is the address of listener") != std::string::npos);
}

}  // namespace arbortls::config
