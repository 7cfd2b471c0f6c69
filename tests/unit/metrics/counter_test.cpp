#include "metrics/counter.hpp"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using namespace arbortls::metrics;

namespace {
enum class Colour { red, green, count_ };
}

TEST_CASE("counters begin at nothing and only grow", "[metrics]") {
  Counter counter;
  CHECK(counter.value() == 0);
  counter.add();
  counter.add(41);
  CHECK(counter.value() == 42);
}

TEST_CASE("gauges go both ways, below nothing too", "[metrics]") {
  Gauge gauge;
  gauge.add(2);
  gauge.sub();
  CHECK(gauge.value() == 1);
  gauge.sub(3);
  CHECK(gauge.value() == -2);
}

TEST_CASE("each value of an enum has a counter of its own", "[metrics]") {
  CounterOf<Colour> colours;
  CHECK(CounterOf<Colour>::size == 2);
  colours[Colour::green].add(3);
  CHECK(colours[Colour::red].value() == 0);
  CHECK(colours[Colour::green].value() == 3);
}

TEST_CASE("no addition of any thread is lost", "[metrics]") {
  Counter counter;
  Gauge gauge;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10000; ++i) {
        counter.add();
        gauge.add(2);
        gauge.sub();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(counter.value() == 40000);
  CHECK(gauge.value() == 40000);
}
