#include "backend/pool.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <thread>

using namespace arbortls;
using namespace arbortls::backend;
using namespace std::chrono_literals;

namespace {

const Clock::time_point start{1000s};

ServerPtr server(const std::string& name) { return std::make_shared<Server>(name, net::Address()); }

Pool pool(Balance balance, int count, std::vector<net::Address> sources = {}) {
  std::vector<ServerPtr> servers;
  for (int i = 0; i < count; ++i) servers.push_back(server("10.0.0." + std::to_string(i) + ":80"));
  PoolOptions options;
  options.balance = balance;
  options.sources = std::move(sources);
  return Pool(std::move(options), std::move(servers));
}

ServerPtr first(const Pool& from, std::size_t client = 0, Clock::time_point now = start) {
  Tried tried;
  return from.pick(client, tried, now);
}

const auto every_balance = {Balance::least_conn, Balance::round_robin, Balance::source_hash};

}  // namespace

TEST_CASE("a server is down for one second, doubling with each further failure up to thirty", "[backend]") {
  Server one("s", net::Address());
  CHECK_FALSE(one.down(start));
  Clock::time_point now = start;
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    one.failed(now);
    CHECK(one.down(now));
    CHECK(one.down(now + expected - 1ms));
    CHECK_FALSE(one.down(now + expected));
    now += expected;
  }
  CHECK(one.failures.value() == 7);
  one.succeeded();
  CHECK_FALSE(one.down(now));
  one.failed(now);
  CHECK_FALSE(one.down(now + 1s));
}

TEST_CASE("a crowd that meets one outage is one failure", "[backend]") {
  Server one("s", net::Address());
  for (int i = 0; i < 100; ++i) one.failed(start + 500ms);
  CHECK(one.failures.value() == 100);
  CHECK(one.down(start + 1400ms));
  CHECK_FALSE(one.down(start + 1500ms));
}

TEST_CASE("failures while down prolong it: a checked server that stays dead stays out", "[backend]") {
  Server one("s", net::Address());
  for (int i = 0; i < 60; ++i) {
    one.failed(start + i * 5s);
    if (i > 3) {
      CHECK(one.down(start + i * 5s + 4999ms));
    }
  }
}

TEST_CASE("a success puts a server back at once", "[backend]") {
  Server one("s", net::Address());
  one.failed(start);
  one.succeeded();
  CHECK_FALSE(one.down(start));
}

TEST_CASE("round robin takes turns", "[backend]") {
  const Pool three = pool(Balance::round_robin, 3);
  std::map<std::string, int> taken;
  for (int i = 0; i < 30; ++i) ++taken[first(three)->name()];
  CHECK(taken.size() == 3);
  for (const auto& [name, count] : taken) CHECK(count == 10);
}

TEST_CASE("least connections takes the emptiest, in turn among equals", "[backend]") {
  const Pool three = pool(Balance::least_conn, 3);
  three.servers()[0]->active.add(5);
  three.servers()[1]->active.add(2);
  three.servers()[2]->active.add(9);
  for (int i = 0; i < 5; ++i) CHECK(first(three) == three.servers()[1]);
  three.servers()[1]->active.add(3);
  std::set<std::string> equals;
  for (int i = 0; i < 6; ++i) equals.insert(first(three)->name());
  CHECK(equals.size() == 2);
}

TEST_CASE("source hash keeps a client where it is and spreads clients", "[backend]") {
  const Pool four = pool(Balance::source_hash, 4);
  std::map<std::string, int> taken;
  for (std::size_t client = 0; client < 4000; ++client) {
    const auto home = first(four, client * 2654435761u);
    CHECK(first(four, client * 2654435761u) == home);
    ++taken[home->name()];
  }
  REQUIRE(taken.size() == 4);
  for (const auto& [name, count] : taken) CHECK(count > 800);
}

TEST_CASE("a server that leaves moves only its own clients", "[backend]") {
  const Pool four = pool(Balance::source_hash, 4);
  const Pool three = pool(Balance::source_hash, 3);
  for (std::size_t client = 1; client < 500; ++client) {
    const auto home = first(four, client * 2654435761u)->name();
    if (home != "10.0.0.3:80") {
      CHECK(first(three, client * 2654435761u)->name() == home);
    }
  }
}

TEST_CASE("each server is tried once, those that are down last", "[backend]") {
  for (const Balance balance : every_balance) {
    const Pool three = pool(balance, 3);
    three.servers()[1]->failed(start);
    Tried tried;
    std::vector<ServerPtr> order;
    for (int i = 0; i < 3; ++i) order.push_back(three.pick(7, tried, start));
    CHECK(std::set<ServerPtr>(order.begin(), order.end()).size() == 3);
    CHECK(order[2] == three.servers()[1]);
    CHECK(three.pick(7, tried, start) == nullptr);
  }
}

TEST_CASE("where all are down they are tried all the same", "[backend]") {
  for (const Balance balance : every_balance) {
    const Pool two = pool(balance, 2);
    for (const auto& one : two.servers()) one->failed(start);
    CHECK(first(two) != nullptr);
  }
}

TEST_CASE("a pool without servers has none to give", "[backend]") {
  for (const Balance balance : every_balance) CHECK(first(pool(balance, 0)) == nullptr);
}

TEST_CASE("addresses to connect from are taken in turn", "[backend]") {
  CHECK(pool(Balance::least_conn, 1).next_source() == nullptr);
  std::vector<net::Address> sources;
  for (const char* ip : {"127.0.0.2", "127.0.0.3"}) sources.push_back(*net::Address::from_ip(ip));
  const Pool one = pool(Balance::least_conn, 1, sources);
  std::string text;
  for (int i = 0; i < 4; ++i) text += one.next_source()->ip_text() + " ";
  CHECK(text == "127.0.0.2 127.0.0.3 127.0.0.2 127.0.0.3 ");
}

TEST_CASE("several threads may pick from one pool", "[backend]") {
  const Pool three = pool(Balance::round_robin, 3);
  std::array<std::map<std::string, int>, 4> taken;
  std::vector<std::thread> threads;
  for (auto& own : taken) {
    threads.emplace_back([&three, &own] {
      for (int i = 0; i < 300; ++i) {
        const auto one = first(three);
        ++own[one->name()];
        one->failed(start);
        one->succeeded();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  int all = 0;
  for (const auto& own : taken) {
    for (const auto& [name, count] : own) all += count;
  }
  CHECK(all == 1200);
}
