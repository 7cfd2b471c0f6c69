#include "session/connection.hpp"

#include "unit/session/rig.hpp"

#include <sys/un.h>

using namespace arbortls;
using namespace arbortls::test;
using session::EndReason;

namespace {

struct Met {
  std::unique_ptr<Client> client;
  UniqueFd backend;
};

Met meet(Rig& rig, const UniqueFd& listening, Setup setup = {}) {
  if (setup.servers.empty()) setup.servers = {server_at(listening)};
  Met met;
  met.client = rig.connect(setup);
  met.client->say("hi");
  met.backend = accept_from(listening.get());
  REQUIRE(receive(met.backend.get(), 2) == "hi");
  return met;
}

}  // namespace

TEST_CASE("silence beyond the idle limit ends in order", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Setup setup;
  setup.limits = {100ms, 60s};
  Met met = meet(rig, listening, setup);
  CHECK(met.client->hear_end() == End::notify_and_fin);
  CHECK(at_end(met.backend.get()));
  met.client->close();
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::idle_timeout) == 1);
}

TEST_CASE("a client that never speaks is ended by the idle limit too", "[session]") {
  Rig rig;
  Setup setup;
  setup.limits = {100ms, 60s};
  const auto client = rig.connect(setup);
  CHECK(client->hear_end() == End::notify_and_fin);
  client->close();
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::idle_timeout) == 1);
}

TEST_CASE("once one side has ended, silence is allowed for the half-close limit only", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Setup setup;
  setup.limits = {1h, 100ms};
  Met met = meet(rig, listening, setup);
  met.client->notify();
  CHECK(at_end(met.backend.get()));
  CHECK(met.client->hear_end() == End::notify_and_fin);
  met.client->close();
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::half_close_timeout) == 1);
}

TEST_CASE("another server is tried when one cannot be reached, with the same bytes", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Setup setup;
  setup.servers = {server_nowhere(), server_nowhere(), server_at(listening)};
  Met met = meet(rig, listening, setup);
  CHECK(rig.metrics.backend_connect_failures.value() == 2);
  CHECK(setup.servers[0]->failures.value() == 1);
  CHECK(setup.servers[2]->connected.value() == 1);
  CHECK(setup.servers[2]->active.value() == 1);
  met.client->notify();
  met.backend.reset();
  met.client->close();
  CHECK(rig.settled());
  CHECK(setup.servers[2]->active.value() == 0);
}

TEST_CASE("a failure that shows at once is counted like one that takes its time", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  sockaddr_un path{};
  path.sun_family = AF_UNIX;
  std::string("/nonexistent/socket").copy(path.sun_path, sizeof path.sun_path - 1);
  Setup setup;
  setup.servers = {std::make_shared<backend::Server>(
                       "unix", net::Address(reinterpret_cast<const sockaddr*>(&path), sizeof path)),
                   server_at(listening)};
  const Met met = meet(rig, listening, setup);
  CHECK(rig.metrics.backend_connect_failures.value() == 1);
}

TEST_CASE("where no server can be reached the client gets an orderly end", "[session]") {
  Rig rig;
  Setup setup;
  setup.servers = {server_nowhere(), server_nowhere()};
  setup.early = GENERATE(false, true);
  const auto client = rig.connect(setup);
  if (!setup.early) client->say("anyone?");
  CHECK(client->hear_end() == End::notify_and_fin);
  client->close();
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::backend_unavailable) == 1);
  CHECK(rig.metrics.backend_connect_failures.value() == 2);
}

TEST_CASE("where no backend is configured the client gets an orderly end", "[session]") {
  Rig rig;
  Setup setup;
  setup.no_backend = true;
  const auto client = rig.connect(setup);
  CHECK(client->hear_end() == End::notify_and_fin);
  client->close();
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::no_backend) == 1);
}

TEST_CASE("no backend connection is made before the client has spoken", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Setup setup;
  setup.servers = {server_at(listening)};
  const auto client = rig.connect(setup);
  rig.sync();
  pollfd ready{listening.get(), POLLIN, 0};
  CHECK(::poll(&ready, 1, 0) == 0);
  client->notify();
  CHECK(client->hear_end() == End::notify_and_fin);
  client->close();
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::client_closed) == 1);
}

TEST_CASE("with an early connect the server may speak first", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Setup setup;
  setup.servers = {server_at(listening)};
  setup.early = true;
  setup.opening = GENERATE("", "PROXY UNKNOWN\r\n");
  const auto client = rig.connect(setup);
  const UniqueFd backend = accept_from(listening.get());
  CHECK(receive(backend.get(), setup.opening.size()) == setup.opening);
  send_all(backend.get(), "220 ready");
  CHECK(client->hear(9) == "220 ready");
  client->say("HELO");
  CHECK(receive(backend.get(), 4) == "HELO");
}

TEST_CASE("a cut connection is drained in order, once", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Met relaying = meet(rig, listening);
  Setup silent;
  silent.servers = {server_at(listening)};
  const auto waiting = rig.connect(silent);
  rig.sync();
  CHECK(rig.cut_all(EndReason::drained) == 2);
  CHECK(rig.cut_all(EndReason::drained) == 0);
  CHECK(relaying.client->hear_end() == End::notify_and_fin);
  CHECK(waiting->hear_end() == End::notify_and_fin);
  CHECK(at_end(relaying.backend.get()));
  relaying.client->close();
  waiting->close();
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::drained) == 2);
}

TEST_CASE("a client's reset ends the backend's connection", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Met met = meet(rig, listening);
  met.client->reset();
  CHECK(at_end(met.backend.get()));
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::client_reset) == 1);
}

TEST_CASE("a backend's reset is an orderly end for the client", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Met met = meet(rig, listening);
  reset_connection(met.backend);
  CHECK(met.client->hear_end() == End::notify_and_fin);
  met.client->close();
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::backend_reset) == 1);
}

TEST_CASE("what a backend says before it breaks off reaches a client that is still sending", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Met met = meet(rig, listening);
  const std::string body = noise(1u << 20);
  block(met.client->fd(), false);
  for (pollfd ready{met.client->fd(), POLLOUT, 0}; ::poll(&ready, 1, 300) == 1;) {
    SSL_write(met.client->ssl(), body.data(), 16000);
  }
  send_all(met.backend.get(), "413 too large");
  met.backend.reset();  // with unread bytes: the system sends a reset after the answer
  block(met.client->fd(), true);
  CHECK(met.client->hear(13) == "413 too large");
  CHECK(met.client->hear_end() != End::silence);
  met.client->close();
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::backend_reset) == 1);
}

TEST_CASE("bytes that are no TLS end a connection with its own reason", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  const bool waiting = GENERATE(true, false);
  Setup setup;
  setup.servers = {server_at(listening)};
  std::unique_ptr<Client> client;
  UniqueFd backend;
  if (waiting) {
    client = rig.connect(setup);
  } else {
    Met met = meet(rig, listening);
    client = std::move(met.client);
    backend = std::move(met.backend);
  }
  send_all(client->fd(), "GET / HTTP/1.1\r\n\r\n");
  CHECK(rig.settled());
  CHECK(rig.ended(EndReason::client_tls_error) == 1);
}

TEST_CASE("every ending is counted once and gives back its descriptors", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  rig.sync();
  const std::size_t before = open_descriptors();
  const auto server = server_at(listening);
  for (int i = 0; i < 60; ++i) {
    Setup setup;
    setup.servers = {server};
    Met met = meet(rig, listening, setup);
    switch (i % 6) {
      case 0: met.client->notify(); break;
      case 1: met.client->reset(); break;
      case 2: reset_connection(met.backend); break;
      case 3: met.backend.reset(); break;
      case 4: met.client->end_without_notify(); break;
      default: rig.cut_all(EndReason::drained);
    }
  }
  CHECK(rig.settled());
  CHECK(rig.ended_in_all() == 60);
  CHECK(server->active.value() == 0);
  CHECK(server->connected.value() == 60);
  CHECK(open_descriptors() == before);
}

TEST_CASE("connections that are alive when the worker goes are freed", "[session]") {
  const std::size_t before = open_descriptors();
  const UniqueFd listening = listener();
  const auto server = server_at(listening);
  {
    auto rig = std::make_unique<Rig>();
    Setup setup;
    setup.servers = {server};
    const Met met = meet(*rig, listening, setup);
    const auto waiting = rig->connect(setup);
    rig->sync();
    CHECK(server->active.value() == 1);
    rig.reset();
    CHECK(server->active.value() == 0);
    CHECK(at_end(met.backend.get()));
  }
  CHECK(open_descriptors() == before + 1);
}
