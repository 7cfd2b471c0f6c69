#include "net/reactor.hpp"

#include "base/unique_fd.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <thread>

using namespace arbortls;
using namespace arbortls::net;
using namespace std::chrono_literals;

namespace {

struct Ends {
  Ends() {
    std::array<int, 2> fds;
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0);
    near.reset(fds[0]);
    far.reset(fds[1]);
  }
  void send() const { REQUIRE(::write(far.get(), "x", 1) == 1); }
  UniqueFd near;
  UniqueFd far;
};

// Does what the test tells it to and says when it goes.
struct Probe final : Handler {
  Probe() = default;
  explicit Probe(int& count) : alive(&count) { ++*alive; }
  ~Probe() override {
    if (alive != nullptr) --*alive;
    if (dying) dying();
  }
  void on_io(unsigned tag, std::uint32_t events) override {
    if (io) io(tag, events);
  }
  void on_timeout() override {
    if (timeout) timeout();
  }
  void on_adopted() override {
    if (adopted) adopted();
  }
  int* alive = nullptr;
  std::function<void(unsigned, std::uint32_t)> io;
  std::function<void()> timeout;
  std::function<void()> adopted;
  std::function<void()> dying;
};

Probe& probe(Reactor& reactor, int& alive) { return reactor.own(std::make_unique<Probe>(alive)); }

void drain(int fd) {
  char byte = 0;
  while (::read(fd, &byte, 1) == 1) {
  }
}

}  // namespace

TEST_CASE("events reach the handler with their tag, as long as they last", "[net]") {
  Reactor reactor;
  const Ends a;
  const Ends b;
  int alive = 0;
  std::map<unsigned, int> seen;
  Probe& handler = probe(reactor, alive);
  handler.io = [&](unsigned tag, std::uint32_t events) {
    CHECK((events & EPOLLIN) != 0);
    if (++seen[tag] == 2) drain(tag == 0 ? a.near.get() : b.near.get());
    if (seen[0] == 2 && seen[1] == 2) reactor.stop();
  };
  REQUIRE(reactor.add(a.near.get(), handler, 0, EPOLLIN));
  REQUIRE(reactor.add(b.near.get(), handler, 1, EPOLLIN));
  a.send();
  b.send();
  reactor.run();
  CHECK(seen == std::map<unsigned, int>{{0, 2}, {1, 2}});
}

TEST_CASE("a descriptor the kernel refuses is told", "[net]") {
  Reactor reactor;
  Probe handler;
  CHECK_FALSE(reactor.add(-1, handler, 0, EPOLLIN));
  CHECK(errno == EBADF);
}

TEST_CASE("interest changes and removal count at once", "[net]") {
  Reactor reactor;
  const Ends ends;
  int alive = 0;
  int calls = 0;
  Probe& handler = probe(reactor, alive);
  handler.io = [&](unsigned, std::uint32_t events) {
    ++calls;
    if (events == EPOLLOUT) return reactor.modify(ends.near.get(), handler, 0, EPOLLIN);
    CHECK(events == EPOLLIN);
    reactor.remove(ends.near.get());
    reactor.set_timer(handler, 0ms);
  };
  handler.timeout = [&] { reactor.stop(); };
  REQUIRE(reactor.add(ends.near.get(), handler, 0, EPOLLOUT));
  ends.send();
  reactor.run();
  CHECK(calls == 2);
}

TEST_CASE("mail comes before the events of the same round", "[net]") {
  Reactor reactor;
  const Ends ends;
  int alive = 0;
  std::string order;
  Probe& handler = probe(reactor, alive);
  handler.io = [&](unsigned, std::uint32_t) {
    order += 'e';
    reactor.stop();
    drain(ends.near.get());
  };
  REQUIRE(reactor.add(ends.near.get(), handler, 0, EPOLLIN));
  ends.send();
  reactor.post([&] { order += 'm'; });
  reactor.post([&] { order += 'n'; });
  reactor.run();
  CHECK(order == "mne");
}

TEST_CASE("a handler that mail retires gets no event of that round", "[net]") {
  Reactor reactor;
  const Ends ends;
  int alive = 0;
  Probe& handler = probe(reactor, alive);
  handler.io = [&](unsigned, std::uint32_t) { FAIL("retired"); };
  REQUIRE(reactor.add(ends.near.get(), handler, 0, EPOLLIN));
  ends.send();
  reactor.post([&] {
    reactor.retire(handler);
    reactor.retire(handler);
    reactor.again(handler, 0);
    reactor.set_timer(handler, 0ms);
    reactor.remove(ends.near.get());
    reactor.stop();
    CHECK(alive == 1);  // not before the round is over
  });
  reactor.run();
  CHECK(alive == 0);
}

TEST_CASE("handlers that retire one another in a batch are safe", "[net]") {
  Reactor reactor;
  const Ends a;
  const Ends b;
  int alive = 0;
  int calls = 0;
  Probe& first = probe(reactor, alive);
  Probe& second = probe(reactor, alive);
  const auto both = [&](unsigned, std::uint32_t) {
    ++calls;
    reactor.retire(first);
    reactor.retire(second);
    reactor.remove(a.near.get());
    reactor.remove(b.near.get());
    reactor.stop();
  };
  first.io = second.io = both;
  REQUIRE(reactor.add(a.near.get(), first, 0, EPOLLIN));
  REQUIRE(reactor.add(b.near.get(), second, 0, EPOLLIN));
  a.send();
  b.send();
  reactor.run();
  CHECK(calls == 1);
  CHECK(alive == 0);
}

TEST_CASE("what a dying handler retires dies too", "[net]") {
  Reactor reactor;
  int alive = 0;
  Probe& first = probe(reactor, alive);
  Probe& second = probe(reactor, alive);
  first.dying = [&] { reactor.retire(second); };
  reactor.post([&] {
    reactor.retire(first);
    reactor.stop();
  });
  reactor.run();
  CHECK(alive == 0);
}

TEST_CASE("timers fire in their order and not too early", "[net]") {
  Reactor reactor;
  int alive = 0;
  std::string order;
  const auto begun = Clock::now();
  std::vector<std::pair<char, std::chrono::milliseconds>> wanted{{'c', 300ms}, {'a', 60ms}, {'b', 180ms}};
  for (const auto& [letter, after] : wanted) {
    Probe& handler = probe(reactor, alive);
    handler.timeout = [&, l = letter, t = after] {
      order += l;
      CHECK(Clock::now() - begun >= t);
      if (l == 'c') reactor.stop();
    };
    reactor.post([&reactor, &handler, t = after] { reactor.set_timer(handler, t); });
  }
  reactor.run();
  CHECK(order == "abc");
}

TEST_CASE("a timer that is set again moves and fires once", "[net]") {
  Reactor reactor;
  int alive = 0;
  int fired = 0;
  Probe& handler = probe(reactor, alive);
  Probe& later = probe(reactor, alive);
  handler.timeout = [&] { ++fired; };
  later.timeout = [&] { reactor.stop(); };
  reactor.set_timer(handler, 10s);
  reactor.set_timer(handler, 1ms);
  reactor.set_timer(later, 200ms);
  reactor.run();
  CHECK(fired == 1);
}

TEST_CASE("a timer may be armed from its own call", "[net]") {
  Reactor reactor;
  int alive = 0;
  int fired = 0;
  Probe& handler = probe(reactor, alive);
  handler.timeout = [&] {
    if (++fired == 3) return reactor.stop();
    reactor.set_timer(handler, 0ms);
  };
  reactor.set_timer(handler, 0ms);
  reactor.run();
  CHECK(fired == 3);
}

TEST_CASE("a delay of more than a turn of the wheel does not fire with the slot it shares", "[net]") {
  Reactor reactor;
  int alive = 0;
  Probe& far = probe(reactor, alive);
  Probe& near = probe(reactor, alive);
  far.timeout = [&] { FAIL("a turn too early"); };
  near.timeout = [&] { reactor.stop(); };
  reactor.set_timer(far, 512 * 50ms + 100ms);  // the wheel has 512 slots of 50 ms
  reactor.set_timer(near, 300ms);
  reactor.run();
  CHECK(alive == 2);
}

TEST_CASE("after a long standstill every timer that is due fires once", "[net]") {
  Reactor reactor;
  int alive = 0;
  int fired = 0;
  for (int i = 0; i < 20; ++i) {
    Probe& handler = probe(reactor, alive);
    handler.timeout = [&] {
      if (++fired == 20) reactor.stop();
    };
    reactor.set_timer(handler, i * 5ms);
  }
  std::this_thread::yield();
  reactor.run();
  CHECK(fired == 20);
}

TEST_CASE("a timer's call may retire a handler that is due with it", "[net]") {
  Reactor reactor;
  int alive = 0;
  int fired = 0;
  Probe& first = probe(reactor, alive);
  Probe& second = probe(reactor, alive);
  first.timeout = second.timeout = [&] {
    ++fired;
    reactor.retire(first);
    reactor.retire(second);
    reactor.stop();
  };
  reactor.set_timer(first, 1ms);
  reactor.set_timer(second, 1ms);
  reactor.run();
  CHECK(fired == 1);
  CHECK(alive == 0);
}

TEST_CASE("again comes after the others had their turn, once however often it is asked for", "[net]") {
  Reactor reactor;
  const Ends ends;
  int alive = 0;
  std::string order;
  Probe& eager = probe(reactor, alive);
  Probe& other = probe(reactor, alive);
  int rounds = 0;
  eager.io = [&](unsigned tag, std::uint32_t events) {
    CHECK(events == 0);
    CHECK(tag == 1);
    order += 'a';
    if (++rounds == 3) return reactor.stop();
    for (int i = 0; i < 5; ++i) reactor.again(eager, 1);
  };
  other.io = [&](unsigned, std::uint32_t) { order += 'o'; };
  REQUIRE(reactor.add(ends.near.get(), other, 0, EPOLLIN));
  ends.send();
  reactor.post([&] { reactor.again(eager, 1); });
  reactor.run();
  // The last round is that in which the order to stop is read.
  CHECK(order == "oaoaoao");
}

TEST_CASE("again does not call a handler that has been retired meanwhile", "[net]") {
  Reactor reactor;
  int alive = 0;
  Probe& handler = probe(reactor, alive);
  handler.io = [&](unsigned, std::uint32_t) { FAIL("retired"); };
  reactor.post([&] {
    reactor.again(handler, 0);
    reactor.retire(handler);
    reactor.stop();
  });
  reactor.run();
  CHECK(alive == 0);
}

TEST_CASE("a handler from another thread is adopted by the loop's", "[net]") {
  Reactor reactor;
  int alive = 0;
  std::thread::id where;
  auto handler = std::make_unique<Probe>(alive);
  handler->adopted = [&] {
    where = std::this_thread::get_id();
    reactor.stop();
  };
  std::thread loop([&] { reactor.run(); });
  const auto loop_id = loop.get_id();
  reactor.adopt(std::move(handler));
  loop.join();
  CHECK(where == loop_id);
  CHECK(alive == 1);
}

TEST_CASE("posts from several threads all arrive", "[net]") {
  Reactor reactor;
  int arrived = 0;
  std::thread loop([&] { reactor.run(); });
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t) {
    posters.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        reactor.post([&] {
          if (++arrived == 2000) reactor.stop();
        });
      }
    });
  }
  for (auto& poster : posters) poster.join();
  loop.join();
  CHECK(arrived == 2000);
}

TEST_CASE("a reactor that goes takes its handlers with it, adopted, owned, armed or still in the mail", "[net]") {
  int alive = 0;
  {
    Reactor reactor;
    Probe& owned = probe(reactor, alive);
    Probe& retiring = probe(reactor, alive);
    Probe& other = probe(reactor, alive);
    retiring.dying = [&] { reactor.retire(other); };
    reactor.set_timer(owned, 1h);
    reactor.adopt(std::make_unique<Probe>(alive));
    reactor.stop();
    reactor.run();
    reactor.adopt(std::make_unique<Probe>(alive));
    CHECK(alive == 5);
  }
  CHECK(alive == 0);
}

TEST_CASE("a handler that runs out of memory costs itself and nobody else", "[net]") {
  Reactor reactor;
  int alive = 0;
  const Ends first;
  const Ends second;
  const auto out_of_memory = [](unsigned, std::uint32_t) { throw std::bad_alloc(); };
  Probe& thrower = probe(reactor, alive);
  thrower.io = out_of_memory;
  thrower.dying = [&] { reactor.remove(first.near.get()); };
  REQUIRE(reactor.add(first.near.get(), thrower, 0, EPOLLIN));
  Probe& late = probe(reactor, alive);
  late.timeout = [] { throw std::bad_alloc(); };
  reactor.set_timer(late, 1ms);
  Probe& other = probe(reactor, alive);
  int heard = 0;
  other.io = [&](unsigned, std::uint32_t) {
    ++heard;
    drain(second.near.get());
  };
  // Ends when both throwers are gone and the other was heard.
  Probe& judge = probe(reactor, alive);
  judge.timeout = [&] {
    if (alive == 2 && heard > 0) return reactor.stop();
    reactor.set_timer(judge, 1ms);
  };
  reactor.set_timer(judge, 1ms);
  REQUIRE(reactor.add(second.near.get(), other, 0, EPOLLIN));
  first.send();
  second.send();
  reactor.run();
  CHECK(alive == 2);
  CHECK(heard == 1);
}
