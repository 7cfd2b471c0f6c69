#include "config/load.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace std::chrono_literals;

namespace arbortls::config {
namespace {

using test::problems_of;
using test::sound;

const std::string example = R"(master_domain: softphone.example
state_dir: /var/lib/arbortls            # default certificate
control_socket: /run/arbortls/control.sock
aliases:
  - { alias: default_certdir, value: /etc/arbortls/cert }
domains_dir: /etc/arbortls/domains
domains:
  - name: softphone.example
    backend: softphones
  - name: Acme.Example.
    parent: softphone.example
    certificate_pem: |
      -----BEGIN PRIVATE KEY-----
      AAAA
      -----END PRIVATE KEY-----
listeners:
  - name: wss
    role: ws
    address: "[::]:443"
    certdir: alias://paths/default_certdir
    backend: softphones
    accept_proxy: []
  - { name: sips, role: sg, address: "0.0.0.0:5061", backend: sip }
backends:
  - name: softphones
    servers: ["127.0.0.1:8088", "unix:/run/ws.sock"]
    balance: least_conn
    send_proxy: v1
  - { name: sip, servers: ["127.0.0.1:5060"] }
log: { level: info, format: text }
)";

}  // namespace

TEST_CASE("a configuration as the manual shows it is read whole", "[config]") {
  const Parsed parsed = parse(example, "/etc/arbortls/arbortls.yaml");
  CHECK(test::lines(parsed.problems) == std::vector<std::string>{});
  const Settings& s = parsed.settings;
  CHECK(s.file == "/etc/arbortls/arbortls.yaml");
  CHECK(s.master_domain == "softphone.example");
  CHECK(s.domains_dir->value == "/etc/arbortls/domains");
  REQUIRE(s.domains.size() == 2);
  CHECK(s.domains[0].inherited.backend->value == "softphones");
  CHECK(s.domains[0].inherited.backend->place.line == 9);
  CHECK(s.domains[1].name == "acme.example");
  CHECK(s.domains[1].place.line == 10);
  CHECK(s.domains[1].place.column == 5);
  CHECK(s.domains[1].parent->value == "softphone.example");
  CHECK(s.domains[1].certificate_pem->value.text ==
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  CHECK(s.domains[1].certificate_pem->place.line == 12);
  REQUIRE(s.listeners.size() == 2);
  CHECK(s.listeners[0].certdir->value == "/etc/arbortls/cert");
  CHECK(s.listeners[0].address.value == "[::]:443");
  CHECK(s.listeners[1].role == Role::sg);
  REQUIRE(s.backends.size() == 2);
  CHECK(s.backends[0].send_proxy == SendProxy::v1);
  CHECK(s.backends[0].servers[1].value == "unix:/run/ws.sock");
}

}  // namespace arbortls::config
