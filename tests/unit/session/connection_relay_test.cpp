#include "session/connection.hpp"

#include "unit/session/rig.hpp"

#include <malloc.h>

using namespace arbortls;
using namespace arbortls::test;
using session::EndReason;

// Comparisons stand in double parentheses where a failure would print megabytes of noise.
namespace {

// A client, its backend's end, and what lies between.
struct Pair {
  explicit Pair(Setup setup = {}) {
    setup.servers = {server_at(listening)};
    client = rig.connect(setup);
    client->say("hello");
    backend = accept_from(listening.get());
    REQUIRE(receive(backend.get(), 5) == "hello");
  }
  UniqueFd listening = listener();
  Rig rig;
  std::unique_ptr<Client> client;
  UniqueFd backend;
};

// Sends until nobody takes more; how many bytes that were.
std::size_t fill(int fd, const std::string& text) {
  std::size_t sent = 0;
  for (;;) {
    pollfd ready{fd, POLLOUT, 0};
    if (sent == text.size() || ::poll(&ready, 1, 300) == 0) return sent;
    const auto n = ::send(fd, text.data() + sent, text.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
}

}  // namespace

TEST_CASE("bytes arrive exactly, both ways, in writes of any size", "[session]") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  Setup setup;
  setup.version = version;
  Pair pair(setup);
  std::size_t total = 0;
  for (const std::size_t size : {1u, 2u, 399u, 16383u, 16384u, 16385u, 40000u, 300000u}) {
    CAPTURE(version, size);
    total += size;
    const std::string up = noise(size, 7);
    const std::string down = noise(size, 8);
    pair.client->say(up);
    CHECK((receive(pair.backend.get(), size) == up));
    send_all(pair.backend.get(), down);
    CHECK((pair.client->hear(size) == down));
  }
  pair.client->notify();
  CHECK(at_end(pair.backend.get()));
  pair.backend.reset();
  CHECK(pair.client->hear_end() == End::notify_and_fin);
  pair.client->close();
  CHECK(pair.rig.settled());
  CHECK(pair.rig.metrics.bytes_from_clients.value() == std::string_view("hello").size() + total);
  CHECK(pair.rig.metrics.bytes_to_clients.value() == total);
}

TEST_CASE("one record in is one write out", "[session]") {
  Pair pair;
  for (const std::size_t size : {400u, 2500u, 16384u}) {
    pair.client->say(noise(size));
    pollfd ready{pair.backend.get(), POLLIN, 0};
    REQUIRE(::poll(&ready, 1, 10'000) == 1);
    std::string text(20000, '\0');
    CHECK(::recv(pair.backend.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(size));
  }
}

TEST_CASE("the opening and the first bytes come in one write", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Setup setup;
  setup.servers = {server_at(listening)};
  setup.opening = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n";
  const auto client = rig.connect(setup);
  client->say("GET");
  const UniqueFd backend = accept_from(listening.get());
  std::string text(100, '\0');
  const auto n = ::recv(backend.get(), text.data(), text.size(), 0);
  CHECK(text.substr(0, static_cast<std::size_t>(n)) == setup.opening + "GET");
}

TEST_CASE("what OpenSSL has read ahead is not forgotten while the socket is silent", "[session]") {
  Pair pair;
  const int on = 1;
  const int off = 0;
  std::string all;
  ::setsockopt(pair.client->fd(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
  for (unsigned i = 0; i < 300; ++i) {  // many turns of records, a few segments
    const std::string record = noise(20, i);
    pair.client->say(record);
    all += record;
  }
  ::setsockopt(pair.client->fd(), IPPROTO_TCP, TCP_CORK, &off, sizeof off);
  CHECK((receive(pair.backend.get(), all.size()) == all));
}

TEST_CASE("many records sent before the backend is there follow it", "[session]") {
  const UniqueFd listening = listener();
  Rig rig;
  Setup setup;
  setup.servers = {server_at(listening)};
  const auto client = rig.connect(setup);
  std::string all;
  const int on = 1;
  const int off = 0;
  ::setsockopt(client->fd(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
  for (unsigned i = 0; i < 100; ++i) {
    all += noise(50, i);
    client->say(noise(50, i));
  }
  client->notify();
  ::setsockopt(client->fd(), IPPROTO_TCP, TCP_CORK, &off, sizeof off);
  const UniqueFd backend = accept_from(listening.get());
  CHECK((receive(backend.get(), all.size() + 1) == all));
  send_all(backend.get(), "answer");
  CHECK(client->hear(6) == "answer");
}

TEST_CASE("a client that has said all still hears all", "[session]") {
  Pair pair;
  pair.client->notify();
  CHECK(at_end(pair.backend.get()));
  const std::string answer = noise(1 << 20);
  std::thread sender([&] {
    send_all(pair.backend.get(), answer);
    pair.backend.reset();
  });
  CHECK((pair.client->hear(answer.size()) == answer));
  CHECK(pair.client->hear_end() == End::notify_and_fin);
  sender.join();
  pair.client->close();
  CHECK(pair.rig.settled());
  CHECK(pair.rig.ended(EndReason::client_closed) == 1);
}

TEST_CASE("a backend that has said all still hears all", "[session]") {
  Pair pair;
  const std::string last = noise(1 << 20, 3);
  std::thread sender([&] {
    send_all(pair.backend.get(), last);
    ::shutdown(pair.backend.get(), SHUT_WR);
  });
  CHECK((pair.client->hear(last.size()) == last));
  CHECK(pair.client->hear_end() == End::notify_and_fin);
  sender.join();
  const std::string more = noise(1 << 20, 4);
  std::thread speaker([&] {
    pair.client->say(more);
    pair.client->notify();
  });
  CHECK((receive(pair.backend.get(), more.size() + 1) == more));
  speaker.join();
  pair.client->close();
  CHECK(pair.rig.settled());
  CHECK(pair.rig.ended(EndReason::backend_closed) == 1);
}

TEST_CASE("a FIN without close_notify is handed on as an end, and counted", "[session]") {
  Pair pair;
  pair.client->end_without_notify();
  CHECK(at_end(pair.backend.get()));
  send_all(pair.backend.get(), "still");
  CHECK(pair.client->hear(5) == "still");
  pair.backend.reset();
  CHECK(pair.rig.settled());
  CHECK(pair.rig.metrics.truncated_by_client.value() == 1);
  CHECK(pair.rig.ended(EndReason::client_closed) == 1);
}

TEST_CASE("a client that does not read stops the backend; memory stays, and no byte is lost", "[session]") {
  Setup setup;
  setup.buffers = 32 * 1024;
  Pair pair(setup);
  const std::string all = noise(24u << 20);
  const auto before = ::mallinfo2().uordblks;
  const std::size_t sent = fill(pair.backend.get(), all);
  CHECK(sent < all.size());
  CHECK(::mallinfo2().uordblks < before + 100'000);
  CHECK((pair.client->hear(sent) == all.substr(0, sent)));
  send_all(pair.backend.get(), "and on");
  CHECK(pair.client->hear(6) == "and on");
}

TEST_CASE("a backend that does not read stops the client; no byte is lost", "[session]") {
  Pair pair;
  const std::string all = noise(12u << 20, 9);
  std::thread speaker([&] { pair.client->say(all); });
  pollfd ready{pair.client->fd(), POLLIN, 0};
  CHECK(::poll(&ready, 1, 300) == 0);
  CHECK((receive(pair.backend.get(), all.size()) == all));
  speaker.join();
  pair.client->notify();
  CHECK(at_end(pair.backend.get()));
}

TEST_CASE("an end that waits behind a slow reader comes after the last byte", "[session]") {
  Setup setup;
  setup.buffers = 16 * 1024;
  Pair pair(setup);
  const std::string all = noise(4u << 20, 5);
  std::thread sender([&] {
    send_all(pair.backend.get(), all);
    pair.backend.reset();
  });
  CHECK((pair.client->hear(all.size()) == all));
  CHECK(pair.client->hear_end() == End::notify_and_fin);
  sender.join();
}
