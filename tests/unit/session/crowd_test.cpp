// A crowd that comes all at once, as the phones of a city do when their network is back.
#include "unit/session/gate.hpp"

using namespace arbortls;
using namespace arbortls::test;
using tls::HandshakeFailure;

namespace {

constexpr int size = 60;

// Those who speak do so before the worker has seen anybody.
struct Crowd {
  std::vector<std::unique_ptr<Client>> stay;
  std::vector<std::unique_ptr<Client>> leave;
  std::vector<UniqueFd> silent;

};

void come(Gate& gate, int name, std::vector<std::unique_ptr<Client>>& to) {
  to.push_back(gate.client("c" + std::to_string(100 + name) + ".a.example"));
  to.back()->say_hello();
}

std::vector<std::unique_ptr<Client>> crowd_that_stays(Gate& gate) {
  std::vector<std::unique_ptr<Client>> crowd;
  for (int i = 0; i < size; ++i) come(gate, i, crowd);
  return crowd;
}

// Those who leave come last, so that it is nobody's turn of them before they do.
Crowd crowd_of_all_kinds(Gate& gate) {
  Crowd crowd;
  for (int i = 0; i < size; ++i) {
    if (i % 15 == 7)
      crowd.silent.push_back(gate.raw(""));
    else
      come(gate, i, i < 50 ? crowd.stay : crowd.leave);
  }
  return crowd;
}

void after_turns(net::Reactor& reactor, int turns, std::function<void()> act) {
  reactor.post([&reactor, turns, act = std::move(act)] {
    if (turns == 0) return act();
    after_turns(reactor, turns - 1, act);
  });
}

GateSetup room_for_one_crowd() {
  GateSetup setup;
  setup.admission.handshakes = size;
  setup.admission.address.handshakes = size;
  return setup;
}

// The names of those who were refused, in the order in which their handshakes began.
std::vector<std::string> names_told(const std::string& log) {
  std::vector<std::string> names;
  for (auto at = log.find("sni=c"); at != std::string::npos; at = log.find("sni=c", at + 1)) {
    names.push_back(log.substr(at + 4, 4));
  }
  return names;
}

}  // namespace

TEST_CASE("of a crowd everybody who stays is served, and who leaves costs nothing", "[session]") {
  const int turns_until_they_leave = GENERATE(range(0, 4));  // in the last they are in the queue
  Gate gate(room_for_one_crowd());
  Crowd crowd;
  std::promise<void> left;
  gate.while_it_sleeps([&](session::HandshakeWorker& worker) {
    crowd = crowd_of_all_kinds(gate);
    after_turns(worker.reactor(), turns_until_they_leave, [&] {
      for (const auto& client : crowd.leave) client->reset();
      left.set_value();
    });
  });
  left.get_future().wait();
  for (const auto& client : crowd.stay) REQUIRE(client->shake());
  CHECK(Gate::until([&] { return gate.failures(HandshakeFailure::closed_early) == crowd.leave.size(); }));
  CHECK(Gate::until([&] { return gate.metrics.handshakes_ok.value() == crowd.stay.size(); }));
  CHECK(sum_of(gate.metrics.sni) == crowd.stay.size());  // nobody else's name was even read
  const auto silent = static_cast<std::int64_t>(crowd.silent.size());
  CHECK(Gate::until([&] { return gate.metrics.handshakes.value() == silent; }));

  const std::size_t gone = crowd.leave.size() + crowd.silent.size();
  crowd.silent.clear();
  CHECK(Gate::until([&] { return gate.failures(HandshakeFailure::closed_early) == gone; }));
  CHECK(gate.failures() == gone);
  CHECK(Gate::until([&] { return gate.metrics.handshakes.value() == 0; }));
  crowd.stay.clear();
  CHECK(gate.settled());

  std::vector<std::unique_ptr<Client>> next;
  gate.while_it_sleeps([&](session::HandshakeWorker&) { next = crowd_that_stays(gate); });
  for (const auto& client : next) CHECK(client->shake());
  CHECK(sum_of(gate.metrics.refused) == 0);
}

TEST_CASE("a crowd is served in the order it came", "[session]") {
  GateSetup setup;
  setup.certificates = false;  // each one's refusal is told at once, with its name
  Gate gate(setup);
  std::vector<std::unique_ptr<Client>> crowd;
  gate.while_it_sleeps([&](session::HandshakeWorker&) { crowd = crowd_that_stays(gate); });
  for (const auto& client : crowd) CHECK_FALSE(client->shake());
  CHECK(gate.settled());
  CHECK(gate.failures(HandshakeFailure::no_certificate) == size);
  std::vector<std::string> expected;
  for (int i = 0; i < size; ++i) expected.push_back("c" + std::to_string(100 + i));
  CHECK(names_told(gate.log()) == expected);
}

TEST_CASE("who waits in a crowd is not put off beyond his patience and ends as one who waited", "[session]") {
  GateSetup setup;
  setup.rules.handshake_patience = 20ms;
  Gate gate(setup);
  std::vector<std::unique_ptr<Client>> crowd;
  gate.while_it_sleeps([&](session::HandshakeWorker& worker) {
    crowd = crowd_that_stays(gate);
    // Accepted and queued in turns 1 to 3; then the lane is held up.
    after_turns(worker.reactor(), 4, [] { ::poll(nullptr, 0, 50); });
  });
  std::size_t served = 0;
  for (const auto& client : crowd) served += client->shake() ? 1 : 0;
  const auto dropped = gate.failures(HandshakeFailure::waited_too_long);
  CHECK(dropped > 0);
  CHECK(served + dropped == crowd.size());
  CHECK(gate.failures() == dropped);
}
