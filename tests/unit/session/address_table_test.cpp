#include "session/address_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <vector>

using namespace arbortls;
using namespace std::chrono_literals;
using session::AddressRules;
using session::AddressTable;
using Verdict = AddressTable::Verdict;

namespace {

const AddressTable::TimePoint start{1000s};

AddressTable::Key key(const char* ip) { return AddressTable::key_of(*net::Address::from_ip(ip)); }

AddressRules at_once(std::uint32_t handshakes) { return {handshakes, 0ns, 0ns}; }
AddressRules per_second(int rate, int burst) {
  const std::chrono::nanoseconds interval = std::chrono::nanoseconds(1s) / rate;
  return {0, interval, burst * interval};
}

// What the table is to do, said as a bucket that is filled over time.
class Model {
 public:
  Verdict enter(AddressTable::Key who, const AddressRules& rules, AddressTable::TimePoint now) {
    auto [at, is_new] = clients_.try_emplace(who, Client{rules.burst, now, 0});
    Client& client = at->second;
    client.left = std::min<std::chrono::nanoseconds>(rules.burst, client.left + (now - client.seen));
    client.seen = now;
    if (rules.handshakes != 0 && client.handshakes >= rules.handshakes) return Verdict::too_many_handshakes;
    if (client.left < rules.interval) return Verdict::too_fast;
    client.left -= rules.interval;
    ++client.handshakes;
    return Verdict::counted;
  }
  void leave(AddressTable::Key who) { --clients_.at(who).handshakes; }

 private:
  struct Client {
    std::chrono::nanoseconds left;
    AddressTable::TimePoint seen;
    std::uint32_t handshakes;
  };
  std::map<AddressTable::Key, Client> clients_;
};

}  // namespace

TEST_CASE("addresses count whole in IPv4, mapped or not, and by their /64 in IPv6", "[session]") {
  const auto [one, other, same] = GENERATE(table<const char*, const char*, bool>({
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "::ffff:192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"2001:db8::1", "2001:db8::ffff:1:2:3", true},
      {"2001:db8::1", "2001:db8:0:1::1", false},
      {"::1", "::2", true},
      {"::1", "0.0.0.0", false},
      {"0.0.0.1", "0:0:0:1::", false},
  }));
  CAPTURE(one, other);
  CHECK((key(one) == key(other)) == same);
  CHECK(key(one) != 0);
}

TEST_CASE("an address has so many handshakes at once, and another has its own", "[session]") {
  AddressTable table(64, 1);
  for (int i = 0; i < 3; ++i) CHECK(table.enter(1, at_once(3), start) == Verdict::counted);
  CHECK(table.enter(1, at_once(3), start + 1h) == Verdict::too_many_handshakes);
  CHECK(table.enter(2, at_once(3), start) == Verdict::counted);
  table.leave(1);
  CHECK(table.enter(1, at_once(3), start) == Verdict::counted);
  CHECK(table.enter(1, at_once(3), start) == Verdict::too_many_handshakes);
}

TEST_CASE("new connections come at their rate, after silence so many at once", "[session]") {
  AddressTable table(64, 1);
  const AddressRules rules = per_second(10, 5);
  for (int i = 0; i < 5; ++i) CHECK(table.enter(1, rules, start) == Verdict::counted);
  CHECK(table.enter(1, rules, start) == Verdict::too_fast);
  CHECK(table.enter(1, rules, start + 99ms) == Verdict::too_fast);
  CHECK(table.enter(1, rules, start + 100ms) == Verdict::counted);
  CHECK(table.enter(1, rules, start + 100ms) == Verdict::too_fast);
  int admitted = 0;  // what is refused uses nothing up
  for (int i = 0; i < 2000; ++i) admitted += table.enter(1, rules, start + 100ms + i * 1ms) == Verdict::counted;
  CHECK(admitted == 19);
  for (int i = 0; i < 5; ++i) CHECK(table.enter(1, rules, start + 1h) == Verdict::counted);
  CHECK(table.enter(1, rules, start + 1h) == Verdict::too_fast);
}

TEST_CASE("new rules apply at once, and what was used up under slower ones does not last", "[session]") {
  AddressTable table(64, 1);
  for (int i = 0; i < 50; ++i) REQUIRE(table.enter(1, per_second(1, 50), start) == Verdict::counted);
  CHECK(table.enter(1, per_second(1, 50), start) == Verdict::too_fast);
  CHECK(table.enter(1, per_second(100, 10), start) == Verdict::too_fast);
  CHECK(table.enter(1, per_second(100, 10), start + 10ms) == Verdict::counted);
  CHECK(table.enter(1, at_once(51), start) == Verdict::too_many_handshakes);
  CHECK(table.enter(1, at_once(52), start) == Verdict::counted);
}

TEST_CASE("a full table lets go of who is nearest to a whole allowance, and never of a handshake", "[session]") {
  AddressTable table(8, 1);  // one set
  const AddressRules rules = per_second(1, 10);
  for (AddressTable::Key who = 1; who <= 8; ++who) {
    for (AddressTable::Key times = 0; times < who; ++times) REQUIRE(table.enter(who, rules, start) == Verdict::counted);
  }
  CHECK(table.enter(9, rules, start) == Verdict::uncounted);
  for (int i = 0; i < 2; ++i) table.leave(2);
  for (int i = 0; i < 5; ++i) table.leave(5);
  for (int i = 0; i < 8; ++i) table.leave(8);
  CHECK(table.enter(9, rules, start) == Verdict::counted);  // in the place of 2
  for (int i = 0; i < 5; ++i) CHECK(table.enter(5, rules, start) == Verdict::counted);
  CHECK(table.enter(5, rules, start) == Verdict::too_fast);
  CHECK(table.enter(10, rules, start) == Verdict::counted);  // in the place of 8
  CHECK(table.enter(11, rules, start + 1h) == Verdict::uncounted);
}

TEST_CASE("the table does what a bucket for each address would do", "[session]") {
  const auto seed = GENERATE(1u, 2u, 3u, 4u);
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  AddressTable table(65'536, seed);
  Model model;
  const AddressRules rules{1 + below(4), std::chrono::nanoseconds(1s) / (1 + below(20)), 0ns};
  AddressRules with_burst = rules;
  with_burst.burst = rules.interval * (1 + below(6));
  std::vector<AddressTable::Key> inside;
  auto now = start;
  for (int step = 0; step < 20'000; ++step) {
    now += std::chrono::microseconds(below(20'000));
    if (!inside.empty() && below(2) == 0) {
      std::swap(inside[below(static_cast<unsigned>(inside.size()))], inside.back());
      table.leave(inside.back());
      model.leave(inside.back());
      inside.pop_back();
    }
    const AddressTable::Key who = 1 + below(30);
    const Verdict expected = model.enter(who, with_burst, now);
    if (table.enter(who, with_burst, now) != expected) FAIL("step " << step << " differs");
    if (expected == Verdict::counted) inside.push_back(who);
  }
}

TEST_CASE("the count of an address is exact however many threads ask", "[session]") {
  AddressTable table(8, 1);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        if (table.enter(1, at_once(2), start) != Verdict::counted) continue;
        const int now = ++inside;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
        --inside;
        table.leave(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most <= 2);
  CHECK(table.enter(1, at_once(2), start) == Verdict::counted);
  CHECK(table.enter(1, at_once(2), start) == Verdict::counted);
  CHECK(table.enter(1, at_once(2), start) == Verdict::too_many_handshakes);
}
