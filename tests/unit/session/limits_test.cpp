// Limits and patience as clients meet them.
#include "unit/session/gate.hpp"

#include <poll.h>

using namespace arbortls;
using namespace arbortls::test;
using session::Refusal;
using session::SniKind;
using tls::HandshakeFailure;

namespace {

bool reset_before_tls(int fd) {
  char byte = 0;
  return ::recv(fd, &byte, 1, 0) < 0 && errno == ECONNRESET;
}

GateSetup one_handshake_per_address() {
  GateSetup setup;
  setup.admission.address.handshakes = 1;
  return setup;
}

bool refused(Gate& gate, Refusal why, std::uint64_t times = 1) {
  return Gate::until([&] { return gate.metrics.refused[why].value() == times; });
}

// Connects, says hello and lets the worker see it only when `after` is over and `last` is done.
template <class F>
std::unique_ptr<Client> come_while_it_sleeps(Gate& gate, std::chrono::milliseconds after, F last) {
  std::unique_ptr<Client> client;
  gate.while_it_sleeps([&](session::HandshakeWorker& worker) {
    client = gate.client();
    client->say_hello();
    ::poll(nullptr, 0, static_cast<int>(after.count()));
    last(worker, *client);
  });
  return client;
}

}  // namespace

TEST_CASE("who is over a limit of addresses is reset before TLS, and in again when there is room", "[session]") {
  Gate gate(one_handshake_per_address());
  {
    const UniqueFd silent = gate.raw("");
    CHECK(Gate::until([&] { return gate.metrics.handshakes.value() == 1; }));
    CHECK(reset_before_tls(gate.raw("").get()));
    CHECK(refused(gate, Refusal::handshakes_per_address));
  }
  CHECK(Gate::until([&] { return gate.metrics.handshakes.value() == 0; }));
  const auto client = gate.client();
  CHECK(client->shake());
  CHECK(Gate::until([&] { return gate.metrics.handshakes.value() == 0; }));
  CHECK(gate.client()->shake());  // established ones are no handshakes
}

TEST_CASE("handshakes in all are limited from accept on", "[session]") {
  GateSetup setup;
  setup.admission.handshakes = 2;
  Gate gate(setup);
  const UniqueFd one = gate.raw("");
  const UniqueFd two = gate.raw("");
  CHECK(Gate::until([&] { return gate.metrics.handshakes.value() == 2; }));
  CHECK(reset_before_tls(gate.raw("").get()));
  CHECK(refused(gate, Refusal::handshakes));
}

TEST_CASE("new connections of one address are limited by their rate", "[session]") {
  GateSetup setup;
  setup.admission.address.interval = 1h;
  setup.admission.address.burst = 3h;
  Gate gate(setup);
  for (int i = 0; i < 3; ++i) CHECK(gate.client()->shake());
  CHECK(reset_before_tls(gate.raw("").get()));
  CHECK(refused(gate, Refusal::connection_rate));
}

TEST_CASE("behind a balancer it is the client's address that counts, not the balancer's", "[session]") {
  GateSetup setup = one_handshake_per_address();
  setup.rules.accept_proxy = *net::AddressSet::parse({"127.0.0.1"});
  Gate gate(setup);
  const auto from = [](int last) {
    return "PROXY TCP4 192.0.2." + std::to_string(last) + " 198.51.100.1 1000 443\r\n";
  };
  const UniqueFd one = gate.raw(from(1));
  const UniqueFd two = gate.raw(from(2));
  const UniqueFd again = gate.raw(from(1));
  CHECK(reset_before_tls(again.get()));
  CHECK(refused(gate, Refusal::handshakes_per_address));
  CHECK(has(gate.log(), "client=192.0.2.1:1000"));
  for (int i = 0; i < 3; ++i) CHECK(gate.client("a.example", "PROXY UNKNOWN\r\n")->shake());
}

TEST_CASE("a listener's limit of connections is told by an alert before any certificate", "[session]") {
  GateSetup setup;
  setup.inherited.max_connections = located(config::AtMost{1});
  Gate gate(setup);
  auto first = gate.client();
  REQUIRE(first->shake());
  const auto second = gate.client();
  ERR_clear_error();
  CHECK_FALSE(second->shake());
  CHECK(ERR_GET_REASON(ERR_peek_error()) == SSL_R_TLSV1_ALERT_INTERNAL_ERROR);
  CHECK(SSL_get0_peer_certificate(second->ssl()) == nullptr);
  CHECK(refused(gate, Refusal::domain_connections));
  CHECK(gate.failures() == 0);
  first.reset();
  CHECK(Gate::until([&] { return gate.metrics.active.value() == 0; }));
  CHECK(gate.client()->shake());
}

TEST_CASE("limits put in force later end nothing, and lifted ones let everybody in", "[session]") {
  Gate gate;
  const auto client = gate.client();
  REQUIRE(client->shake());
  GateSetup setup = one_handshake_per_address();
  setup.admission.handshakes = 1;
  gate.publish(setup);
  const UniqueFd silent = gate.raw("");
  CHECK(Gate::until([&] { return gate.metrics.handshakes.value() == 1; }));
  CHECK(reset_before_tls(gate.raw("").get()));
  client->say("still here");
  const UniqueFd backend = accept_from(gate.back.get());
  CHECK(receive(backend.get(), 10) == "still here");
  gate.publish({});
  CHECK(gate.client()->shake());
}

TEST_CASE("a lane that is behind drops who has waited longer than clients do", "[session]") {
  GateSetup setup;
  setup.rules.handshake_patience = 20ms;
  Gate gate(setup);
  const auto client =
      come_while_it_sleeps(gate, 50ms, [](auto& worker, const Client&) { worker.fell_behind(); });
  CHECK(reset_before_tls(client->fd()));
  CHECK(gate.failures(HandshakeFailure::waited_too_long) == 1);
  CHECK(gate.metrics.sni[SniKind::known].value() == 0);
  CHECK(has(gate.log(), "reason=waited_too_long"));
}

TEST_CASE("nobody is dropped for his wait while the lane keeps up, nor where patience is endless", "[session]") {
  const bool behind = GENERATE(false, true);
  GateSetup setup;
  setup.rules.handshake_patience = behind ? 0ms : 20ms;
  Gate gate(setup);
  const auto client = come_while_it_sleeps(gate, 50ms, [behind](auto& worker, const Client&) {
    if (behind) worker.fell_behind();
  });
  CHECK(client->shake());
  CHECK(gate.failures() == 0);
}

TEST_CASE("nothing is computed for a client that has gone", "[session]") {
  Gate gate;
  const bool by_reset = GENERATE(false, true);
  come_while_it_sleeps(gate, 0ms, [by_reset](auto&, Client& client) {
    if (by_reset) {
      client.reset();
    } else {
      client.close();
    }
  });
  CHECK(Gate::until([&] { return gate.failures(HandshakeFailure::closed_early) == 1; }));
  CHECK(gate.settled());
  CHECK(sum_of(gate.metrics.sni) == 0);  // its name was not even read
}
