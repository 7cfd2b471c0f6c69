#include "session/handshake.hpp"

#include "unit/session/gate.hpp"

#include <poll.h>

using namespace arbortls;
using namespace arbortls::test;
using session::SniKind;
using tls::HandshakeFailure;

namespace {

std::size_t lines(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

GateSetup proxied() {
  GateSetup setup;
  setup.rules.accept_proxy = *net::AddressSet::parse({"127.0.0.1"});
  return setup;
}

}  // namespace

TEST_CASE("a client is led from accept to its backend and told of in one line", "[session]") {
  Gate gate;
  {
    const auto client = gate.client("x.a.example");
    REQUIRE(client->shake());
    client->say("hello");
    const UniqueFd backend = accept_from(gate.back.get());
    CHECK(receive(backend.get(), 5) == "hello");
    send_all(backend.get(), "answer");
    CHECK(client->hear(6) == "answer");
    client->notify();
    CHECK(at_end(backend.get()));
  }
  CHECK(gate.settled());
  CHECK(gate.metrics.connections_accepted.value() == 1);
  CHECK(gate.metrics.handshakes_ok.value() == 1);
  CHECK(gate.metrics.tls1_3.value() == 1);
  CHECK(gate.failures() == 0);
  const std::string log = gate.log();
  CAPTURE(log);
  CHECK(lines(log) == 1);
  for (const char* part : {"connection ended", "sni=x.a.example", "domain=a.example", "certificate_pem:a.example",
                           "TLSv1.3", "bytes_in=5", "bytes_out=6", "reason=client_closed"}) {
    CAPTURE(part);
    CHECK(has(log, part));
  }
}

TEST_CASE("names known, unknown, missing, of addresses and illegal are counted apart", "[session]") {
  Gate gate;
  for (const char* name : {"a.example", "other.test", "", "192.0.2.1", "no blanks"}) CHECK(gate.client(name)->shake());
  CHECK(gate.settled());
  for (int i = 0; i < static_cast<int>(SniKind::count_); ++i) {
    CAPTURE(i);
    CHECK(gate.metrics.sni[static_cast<SniKind>(i)].value() == 1);
  }
}

TEST_CASE("failed handshakes are told apart, counted once and logged in one line", "[session]") {
  Gate gate;
  const auto [bytes, failure] = GENERATE(table<std::string, HandshakeFailure>({
      {"GET / HTTP/1.1\r\n\r\n", HandshakeFailure::not_tls},
      {"\x01garbage garbage garbage", HandshakeFailure::not_tls},
      {std::string("\x16\x03\x01\x00\x08\x01\x00\x00\x04oops", 13), HandshakeFailure::malformed},
      {"", HandshakeFailure::closed_early},
      {"\x16\x03", HandshakeFailure::closed_early},
  }));
  UniqueFd fd = gate.raw(bytes);
  if (failure == HandshakeFailure::closed_early) fd.reset();
  else CHECK(receive(fd.get(), 1000).size() < 100);  // an alert at most, then the end
  CHECK(Gate::until([&] { return gate.failures() == 1; }));
  CHECK(gate.settled());
  CHECK(gate.failures(failure) == 1);
  CHECK(gate.metrics.handshakes_ok.value() == 0);
  CHECK(lines(gate.log()) == 1);
  CHECK(has(gate.log(), std::string("reason=") + std::string(to_string(failure))));
}

TEST_CASE("who has ended his side is one that left early only if it was TLS that he spoke", "[session]") {
  const auto [bytes, failure] = GENERATE(table<std::string, HandshakeFailure>({
      {"GET / HTTP/1.1\r\n\r\n", HandshakeFailure::not_tls},
      {"\x16\x03\x01\x02", HandshakeFailure::closed_early},
  }));
  Gate gate;
  UniqueFd fd = connect_to(gate.front->get());
  gate.on_worker([&](session::HandshakeWorker&) {  // it sees the bytes and the end at once
    send_all(fd.get(), bytes);
    ::shutdown(fd.get(), SHUT_WR);
  });
  CHECK(Gate::until([&] { return gate.failures() == 1; }));
  CHECK(gate.failures(failure) == 1);
}

TEST_CASE("a client that resets in the midst of its handshake is one that left early", "[session]") {
  Gate gate;
  UniqueFd fd = gate.raw("\x16\x03\x01");
  CHECK(Gate::until([&] { return gate.metrics.connections_accepted.value() == 1; }));
  reset_connection(fd);
  CHECK(Gate::until([&] { return gate.failures(HandshakeFailure::closed_early) == 1; }));
}

TEST_CASE("the deadline of a handshake counts from accept, for the silent and the dripping", "[session]") {
  GateSetup setup;
  setup.rules.handshake_timeout = 200ms;
  Gate gate(setup);
  const UniqueFd silent = gate.raw("");
  const UniqueFd dripping = gate.raw("\x16");
  const auto begun = net::Clock::now();
  while (gate.failures() < 2 && net::Clock::now() - begun < 10s) {
    ::send(dripping.get(), "\x03", 1, MSG_NOSIGNAL);
    ::poll(nullptr, 0, 20);
  }
  CHECK(gate.failures(HandshakeFailure::timeout) >= 1);
  CHECK(net::Clock::now() - begun < 5s);
  CHECK(gate.settled());
}

TEST_CASE("a ClientHello may come byte by byte", "[session]") {
  Gate gate;
  const auto client = gate.client();
  const int on = 1;
  ::setsockopt(client->fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // What the client writes first goes to memory, then out in pieces.
  BIO* socket = SSL_get_wbio(client->ssl());
  BIO_up_ref(socket);
  BIO* memory = BIO_new(BIO_s_mem());
  SSL_set0_wbio(client->ssl(), memory);
  block(client->fd(), false);
  CHECK_FALSE(client->shake());
  char* hello = nullptr;
  const long size = BIO_get_mem_data(memory, &hello);
  REQUIRE(size > 100);
  block(client->fd(), true);
  for (long i = 0; i < size; ++i) REQUIRE(::send(client->fd(), hello + i, 1, 0) == 1);
  SSL_set0_wbio(client->ssl(), socket);
  CHECK(client->shake());
}

TEST_CASE("a believed PROXY header tells the client's address, and the backend gets it on", "[session]") {
  GateSetup setup = proxied();
  setup.send_proxy = backend::SendProxy::v1;
  Gate gate(setup);
  const std::string header = "PROXY TCP4 192.0.2.7 192.0.2.8 1234 443\r\n";
  {
    const auto client = gate.client("a.example", header);
    REQUIRE(client->shake());
    client->say("x");
    const UniqueFd backend = accept_from(gate.back.get());
    CHECK(receive(backend.get(), header.size() + 1) == header + "x");
  }
  CHECK(gate.settled());
  CHECK(has(gate.log(), "192.0.2.7:1234"));
}

TEST_CASE("a bad, late or missing PROXY header costs that connection only, and no backend is dialled", "[session]") {
  GateSetup setup = proxied();
  setup.rules.proxy_header_timeout = 100ms;
  Gate gate(setup);
  for (const char* bytes : {"PROXY TCP4 999.0.2.7 192.0.2.8 1234 443\r\n", "\x16\x03\x01 hello", "PROXY TCP4 ", ""}) {
    const UniqueFd fd = gate.raw(bytes);
    CHECK(receive(fd.get(), 1).empty());
  }
  CHECK(Gate::until([&] { return gate.failures(HandshakeFailure::bad_proxy_header) == 4; }));
  CHECK(gate.settled());
  pollfd ready{gate.back.get(), POLLIN, 0};
  CHECK(::poll(&ready, 1, 0) == 0);
  CHECK(gate.client("a.example", "PROXY UNKNOWN\r\n")->shake());
}

TEST_CASE("a PROXY header from who is not believed is not TLS", "[session]") {
  Gate gate;
  const UniqueFd fd = gate.raw("PROXY TCP4 192.0.2.7 192.0.2.8 1234 443\r\n");
  CHECK(Gate::until([&] { return gate.failures(HandshakeFailure::not_tls) == 1; }));
}

TEST_CASE("with nothing to serve the client is refused and the reason told", "[session]") {
  GateSetup setup;
  setup.certificates = false;
  Gate gate(setup);
  CHECK_FALSE(gate.client()->shake());
  CHECK(Gate::until([&] { return gate.failures(HandshakeFailure::no_certificate) == 1; }));
}

TEST_CASE("a client waits for a certificate that is still to be read, and is served with it", "[session]") {
  GateSetup setup;
  setup.pending = true;
  Gate gate(setup);
  auto client = gate.client("x.a.example");
  client->say_hello();
  pollfd told{gate.wanted.descriptor(), POLLIN, 0};
  REQUIRE(::poll(&told, 1, 10'000) == 1);
  CHECK(gate.wanted.take() == std::vector<std::string>{"a.example"});
  gate.publish(setup);  // something else has changed
  CHECK(gate.client("other.example")->shake());
  CHECK(Gate::until([&] { return gate.metrics.handshakes_ok.value() == 1; }));
  setup.pending = false;
  gate.publish(setup);
  CHECK(client->shake());
  client.reset();
  CHECK(gate.settled());
  CHECK(gate.failures() == 0);
}

TEST_CASE("who waits for a certificate waits no longer than a handshake may take", "[session]") {
  GateSetup setup;
  setup.pending = true;
  setup.rules.handshake_timeout = 50ms;
  Gate gate(setup);
  CHECK_FALSE(gate.client()->shake());
  CHECK(gate.failures(HandshakeFailure::timeout) == 1);
  gate.publish(setup);  // nobody is left who could be told
  CHECK(gate.settled());
}

TEST_CASE("accepting pauses when all places are taken, and goes on when one is free", "[session]") {
  GateSetup setup;
  setup.max_connections = 1;
  Gate gate(setup);
  auto first = gate.client();
  REQUIRE(first->shake());
  const auto second = gate.client();
  CHECK(Gate::until([&] { return gate.metrics.accept_pauses.value() >= 1; }));
  CHECK(gate.metrics.connections_accepted.value() == 1);
  first.reset();
  CHECK(second->shake());
}

TEST_CASE("handshakes under way can be cut, established ones live on elsewhere", "[session]") {
  Gate gate;
  const auto client = gate.client();
  REQUIRE(client->shake());
  const UniqueFd half = gate.raw("\x16\x03");
  CHECK(Gate::until([&] { return gate.metrics.connections_accepted.value() == 2; }));
  std::size_t cut = 0;
  gate.on_worker([&](session::HandshakeWorker& worker) {
    worker.stop_accepting();
    cut = worker.registry().cut_all(session::EndReason::drained);
  });
  CHECK(cut == 1);
  CHECK(receive(half.get(), 1).empty());
  client->say("still here");
  const UniqueFd backend = accept_from(gate.back.get());
  CHECK(receive(backend.get(), 10) == "still here");
}

TEST_CASE("a new snapshot serves the next connection and leaves the last one alone", "[session]") {
  Gate gate;
  const auto before = gate.client();
  REQUIRE(before->shake());
  gate.on_worker([&](session::HandshakeWorker& worker) {
    auto next = std::make_shared<session::Snapshot>(*worker.snapshot());
    next->site.tree = SiteMaker("m.example").add("a.example", real("renewed.example")).tree;
    worker.publish(next, {{gate.front, 0}});
  });
  const auto after = gate.client();
  REQUIRE(after->shake());
  const openssl::X509Ptr leaf(SSL_get1_peer_certificate(after->ssl()));
  CHECK(X509_check_host(leaf.get(), "renewed.example", 0, 0, nullptr) == 1);
  before->say("on");
  const UniqueFd backend = accept_from(gate.back.get());
  CHECK(receive(backend.get(), 2) == "on");
}

TEST_CASE("handshakes of every kind give back their descriptors, also those alive at the end", "[session]") {
  const std::size_t before = open_descriptors();
  {
    const UniqueFd kept = [] {
      Gate gate;
      for (int i = 0; i < 5; ++i) {
        gate.client()->shake();
        gate.raw("GET / HTTP/1.1\r\n\r\n");
        UniqueFd fd = gate.raw("\x16");
        reset_connection(fd);
      }
      CHECK(gate.settled());
      UniqueFd alive = gate.raw("\x16\x03");
      CHECK(Gate::until([&] { return gate.metrics.connections_accepted.value() == 16; }));
      return alive;
    }();
    CHECK(receive(kept.get(), 1).empty());
  }
  CHECK(open_descriptors() == before);
}
