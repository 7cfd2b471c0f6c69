#include "acme/queue.hpp"

#include <catch2/catch.hpp>

#include <vector>

namespace arbortls::acme {
namespace {

constexpr std::int64_t now = 1'800'000'000;
constexpr std::int64_t day = 24 * 3600;
using Names = std::vector<std::string>;

Want want(std::optional<std::int64_t> not_after, std::int64_t due = now,
          const std::string& account = "ca") {
  return {account, not_after, due};
}

Names take_all(Queue& queue, std::int64_t time = now) {
  Names names;
  while (auto name = queue.next(time)) names.push_back(*name);
  return names;
}

TEST_CASE("Nothing served goes before expired, that before the least time left") {
  Queue queue;
  queue.put("month", want(now + 30 * day));
  queue.put("expired", want(now - day));
  queue.put("nothing", want(std::nullopt));
  queue.put("day", want(now + day));
  queue.put("long-expired", want(now - 90 * day));
  CHECK(take_all(queue) == Names{"nothing", "long-expired", "expired", "day", "month"});
}

TEST_CASE("Equally urgent names go by how long they have been due") {
  Queue queue;
  queue.put("c", want(std::nullopt, now - 1));
  queue.put("a", want(std::nullopt, now));
  queue.put("b", want(std::nullopt, now - 2));
  CHECK(take_all(queue) == Names{"b", "c", "a"});
}

TEST_CASE("Nothing begins before it is due") {
  Queue queue;
  queue.put("later", want(std::nullopt, now + 10));
  queue.put("sooner", want(now + day, now + 5));
  CHECK(queue.next_at(now) == now + 5);
  CHECK(take_all(queue).empty());
  CHECK(take_all(queue, now + 5) == Names{"sooner"});
  CHECK(queue.next_at(now + 5) == now + 10);
  CHECK(take_all(queue, now + 20) == Names{"later"});
  CHECK(queue.next_at(now + 20) == Queue::never);
}

TEST_CASE("No more are in progress than may be at once") {
  Queue queue(2);
  for (const char* name : {"a", "b", "c"}) queue.put(name, want(std::nullopt));
  CHECK(take_all(queue) == Names{"a", "b"});
  CHECK(queue.in_progress() == 2);
  CHECK(queue.next_at(now) == Queue::never);
  queue.finish("a");
  CHECK(queue.next_at(now) == now);
  CHECK(take_all(queue) == Names{"c"});
  CHECK(queue.size() == 2);
}

TEST_CASE("A name in progress is given out once, and again only where it was put meanwhile") {
  Queue queue;
  queue.put("a", want(std::nullopt));
  REQUIRE(take_all(queue) == Names{"a"});
  queue.put("a", want(now + day, now + 7));
  CHECK(take_all(queue, now + 8).empty());
  queue.finish("a");
  CHECK(queue.next_at(now) == now + 7);
  CHECK(take_all(queue, now + 8) == Names{"a"});
  queue.finish("a");
  CHECK(queue.size() == 0);
}

TEST_CASE("A name that is put again counts once, as last put") {
  Queue queue;
  queue.put("a", want(now + day));
  queue.put("b", want(now + 2 * day));
  queue.put("a", want(now + 3 * day, now, "other"));
  CHECK(take_all(queue) == Names{"b", "a"});
}

TEST_CASE("A name that is removed is not given out, whatever its stage") {
  Queue queue(1);
  queue.put("waiting", want(std::nullopt, now + 10));
  queue.put("first", want(std::nullopt));
  queue.put("ready", want(now + day));
  REQUIRE(take_all(queue) == Names{"first"});
  queue.remove("waiting");
  queue.remove("ready");
  queue.remove("unknown");
  queue.remove("first");
  queue.finish("first");
  CHECK(queue.size() == 0);
  CHECK(queue.in_progress() == 0);
  CHECK(take_all(queue, now + 20).empty());
}

TEST_CASE("A paused account holds its own names only") {
  Queue queue;
  queue.put("held", want(std::nullopt));
  queue.put("free", want(now + day, now, "other"));
  queue.pause("ca", now + 100);
  CHECK(queue.paused_until("ca") == now + 100);
  CHECK(queue.paused_until("other") == 0);
  CHECK(take_all(queue) == Names{"free"});
  CHECK(queue.next_at(now) == now + 100);
  queue.pause("ca", now + 50);
  CHECK(take_all(queue, now + 99).empty());
  CHECK(take_all(queue, now + 100) == Names{"held"});
}

TEST_CASE("A pause can be ended") {
  Queue queue;
  queue.put("a", want(std::nullopt));
  queue.pause("ca", now + 100);
  queue.pause("ca", 0);
  CHECK(take_all(queue) == Names{"a"});
}

TEST_CASE("One that fails again and again holds no other") {
  Queue queue(1);
  queue.put("bad", want(std::nullopt, now - 100));
  for (const char* name : {"a", "b", "c"}) queue.put(name, want(now + day));
  Names order;
  for (std::int64_t time = now; order.size() < 5; time += 10) {
    const auto name = queue.next(time);
    REQUIRE(name);
    order.push_back(*name);
    if (*name == "bad") queue.put("bad", want(std::nullopt, time + 30));
    queue.finish(*name);
  }
  CHECK(order == Names{"bad", "a", "b", "bad", "c"});
}

}  // namespace
}  // namespace arbortls::acme
