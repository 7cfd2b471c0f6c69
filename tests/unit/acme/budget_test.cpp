#include "acme/budget.hpp"

#include <catch2/catch.hpp>

namespace arbortls::acme {
namespace {

constexpr std::int64_t now = 1'800'000'000;
using Times = std::deque<std::int64_t>;

TEST_CASE("As many orders fit into any span as the budget says") {
  const Budget budget{3, 100};
  Times spent;
  for (const std::int64_t time : {now, now + 10, now + 20}) {
    REQUIRE(budget.next_order(spent, time) == time);
    budget.spend(spent, time);
  }
  CHECK(budget.next_order(spent, now + 20) == now + 100);
  CHECK(budget.next_order(spent, now + 100) == now + 100);
  budget.spend(spent, now + 100);
  CHECK(budget.next_order(spent, now + 100) == now + 110);
}

TEST_CASE("Over a day no span of three hours sees more than 300 orders, and none is wasted") {
  const Budget budget;
  Times spent;
  Times made;
  for (std::int64_t time = now; time < now + 24 * 3600; time = budget.next_order(spent, time + 1)) {
    budget.spend(spent, time);
    made.push_back(time);
    REQUIRE(spent.size() <= 300);
  }
  CHECK(made.size() == 8 * 300);
  for (std::size_t i = 300; i < made.size(); ++i) REQUIRE(made[i] - made[i - 300] >= 3 * 3600);
}

TEST_CASE("A budget that was made smaller holds back until enough is past") {
  const Times spent{now, now + 1, now + 2, now + 3};
  CHECK(Budget{2, 100}.next_order(spent, now + 50) == now + 102);
}

TEST_CASE("Orders from after a clock that jumped back count as made now") {
  Times spent{now + 5000, now + 5001};
  const Budget budget{2, 100};
  CHECK(budget.next_order(spent, now) == now + 100);
  budget.spend(spent, now);
  CHECK(spent == Times{now, now, now});
  CHECK(budget.next_order(spent, now + 100) == now + 100);
}

TEST_CASE("A budget of nothing is one order a span") {
  Times spent;
  const Budget budget{0, 100};
  CHECK(budget.next_order(spent, now) == now);
  budget.spend(spent, now);
  CHECK(budget.next_order(spent, now) == now + 100);
}

}  // namespace
}  // namespace arbortls::acme
