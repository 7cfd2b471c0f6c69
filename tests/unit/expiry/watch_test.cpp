#include "expiry/watch.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <tuple>

namespace arbortls::expiry {
namespace {

constexpr std::int64_t hour = 3600;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t now = 1'800'000'000;

using Whats = std::vector<What>;

Thing by_hand(std::int64_t not_after) {
  return {Kind::certificate, "CN=a", "a", not_after, {}, {}, {}};
}

Thing renewing(std::int64_t due, std::int64_t not_after) {
  Thing thing = by_hand(not_after);
  thing.renewal_due = due;
  return thing;
}

Whats said(Watch& watch, std::int64_t time) {
  Whats whats;
  for (const auto& signal : watch.due(time)) whats.push_back(signal.what);
  return whats;
}

Whats said_of(Thing thing, std::int64_t time = now) {
  Watch watch;
  watch.watch({std::move(thing)}, time);
  return said(watch, time);
}

TEST_CASE("An end is signalled from 30 days, from 14 days, and once it is over") {
  const auto [left, whats] = GENERATE(table<std::int64_t, Whats>({
      {365 * day, {}},
      {30 * day + 1, {}},
      {30 * day, {What::nears_end}},
      {14 * day + 1, {What::nears_end}},
      {14 * day, {What::ends_soon}},
      {1, {What::ends_soon}},
      {0, {What::expired}},
      {-365 * day, {What::expired}},
  }));
  CAPTURE(left);
  CHECK(said_of(by_hand(now + left)) == whats);
}

TEST_CASE("A signal says how bad it is, of what, and how much time is left") {
  Watch watch;
  watch.watch({{Kind::crl, "CN=root", "/etc/crl.pem", now + 10 * day, {}, {}}}, now);
  const auto signals = watch.due(now);
  REQUIRE(signals.size() == 1);
  CHECK(signals[0].level == Level::warning);
  CHECK(signals[0].left == 10 * day);
  CHECK(signals[0].thing.kind == Kind::crl);
  CHECK(signals[0].thing.place == "/etc/crl.pem");
  CHECK(level_of(What::nears_end) == Level::info);
  CHECK(level_of(What::expired) == Level::error);
  CHECK(level_of(What::renewal_overdue) == Level::warning);
  CHECK(level_of(What::file_not_served) == Level::warning);
  CHECK(to_string(Kind::crl) == "CRL");
}

TEST_CASE("From its last month to a month after its end a thing is signalled once a day") {
  Watch watch;
  watch.watch({by_hand(now + 40 * day)}, now);
  Whats whats;
  for (std::int64_t time = now; time < now + 70 * day; time += hour) {
    for (const What what : said(watch, time)) whats.push_back(what);
  }
  CHECK(std::count(whats.begin(), whats.end(), What::nears_end) == 16);
  CHECK(std::count(whats.begin(), whats.end(), What::ends_soon) == 14);
  CHECK(std::count(whats.begin(), whats.end(), What::expired) == 30);
  CHECK(whats.size() == 60);
}

TEST_CASE("The next time to look is known") {
  Watch watch;
  CHECK(watch.next_at() == Watch::never);
  watch.watch({by_hand(now + 31 * day)}, now);
  CHECK(watch.next_at() == now + day);
  CHECK(watch.due(now + day - 1).empty());
  CHECK(watch.next_at() == now + day);
  CHECK(watch.due(now + day).size() == 1);
  CHECK(watch.next_at() == now + 2 * day);
}

TEST_CASE("What renews itself is signalled before its end only when that is overdue") {
  constexpr std::int64_t end = now + 30 * day;
  CHECK(said_of(renewing(now, end)).empty());
  CHECK(said_of(renewing(now, end), now + day - 1).empty());
  CHECK(said_of(renewing(now, end), now + day) ==
        Whats{What::renewal_overdue, What::nears_end});
  CHECK(said_of(renewing(now, end), now + 20 * day) ==
        Whats{What::renewal_overdue, What::ends_soon});
  CHECK(said_of(renewing(now, end), end) == Whats{What::renewal_overdue, What::expired});
}

TEST_CASE("A certificate of six days that is renewed in time is never signalled") {
  Watch watch;
  watch.watch({renewing(now + 3 * day, now + 6 * day)}, now);
  for (std::int64_t time = now; time < now + 3 * day + hour; time += hour) {
    CHECK(watch.due(time).empty());
  }
  CHECK(said(watch, now + 3 * day + 18 * hour) ==
        Whats{What::renewal_overdue, What::ends_soon});
}

TEST_CASE("A file that is not what is served is signalled after a while to read it, once a day") {
  Thing thing = by_hand(now + 365 * day);
  thing.differs_since = now;
  CHECK(said_of(thing, now + 4 * 60).empty());
  Watch watch;
  watch.watch({thing}, now);
  CHECK(said(watch, now + 5 * 60) == Whats{What::file_not_served});
  CHECK(said(watch, now + 6 * 60).empty());
  CHECK(said(watch, now + 5 * 60 + day) == Whats{What::file_not_served});
  thing.differs_since.reset();
  watch.watch({thing}, now + 2 * day);
  CHECK(said(watch, now + 5 * day).empty());
}

TEST_CASE("A file that cannot even be read is signalled though no end is known") {
  Thing thing{Kind::certificate, "", "a", {}, {}, now - day, {}};
  CHECK(said_of(thing) == Whats{What::file_not_served});
  thing.differs_since.reset();
  CHECK(said_of(thing).empty());
}

TEST_CASE("How long before is as wished") {
  struct Row {
    Notice notice;
    std::int64_t left;
    Whats whats;
  };
  const Row rows[] = {
      {{60 * day, 7 * day}, 61 * day, {}},
      {{60 * day, 7 * day}, 60 * day, {What::nears_end}},
      {{60 * day, 7 * day}, 8 * day, {What::nears_end}},
      {{60 * day, 7 * day}, 7 * day, {What::ends_soon}},
      {{7 * day, 60 * day}, 60 * day, {What::ends_soon}},  // never only mentioned
      {{7 * day, 60 * day}, 0, {What::expired}},
  };
  for (const Row& row : rows) {
    INFO(row.notice.info << ' ' << row.left);
    Watch watch;
    watch.watch({by_hand(now + row.left)}, now, row.notice);
    CHECK(said(watch, now) == row.whats);
    CHECK(state_of(by_hand(now + row.left), row.notice, now) == row.whats);
    const auto longest = std::max(row.notice.info, row.notice.warning);
    CHECK(first_signal(by_hand(now), row.notice) == now - longest);
  }
  CHECK(first_signal({}, {}) == Watch::never);
}

TEST_CASE("A chain member is the same wherever it stands, a certificate is not") {
  for (const Kind kind : {Kind::chain_member, Kind::certificate}) {
    Thing thing = by_hand(now + day);
    thing.kind = kind;
    Watch watch;
    watch.watch({thing}, now);
    REQUIRE(said(watch, now).size() == 1);
    thing.place = "b";
    thing.detail = "and 3 more";
    watch.watch({thing}, now);
    CHECK(said(watch, now).empty() == (kind == Kind::chain_member));
  }
}

TEST_CASE("Others that come have nothing said again, and a renewed certificate is a new thing") {
  Watch watch;
  watch.watch({by_hand(now + day)}, now);
  REQUIRE(said(watch, now).size() == 1);
  Thing other = by_hand(now + day);
  other.place = "b";
  watch.watch({other, by_hand(now + day)}, now + 1);
  const auto signals = watch.due(now + 1);
  REQUIRE(signals.size() == 1);
  CHECK(signals[0].thing.place == "b");
  watch.watch({by_hand(now + 2 * day)}, now + 2);
  CHECK(said(watch, now + 2).size() == 1);
}

TEST_CASE("A restart does not repeat what was said") {
  Watch before;
  before.watch({by_hand(now + day), by_hand(now - day)}, now);
  REQUIRE(before.due(now).size() == 2);
  Watch after;
  after.restore(before.memory());
  after.watch({by_hand(now - day), by_hand(now + day)}, now + hour);
  CHECK(after.due(now + hour).empty());
  CHECK(after.next_at() == now + day);
  CHECK(after.due(now + day).size() == 2);
}

TEST_CASE("A damaged memory costs a repetition, no more") {
  Watch before;
  before.watch({by_hand(now + day)}, now);
  REQUIRE(before.due(now).size() == 1);
  const std::string memory = before.memory();
  for (std::size_t length = 0; length < memory.size() - 1; ++length) {
    Watch after;
    after.restore(memory.substr(0, length));
    after.watch({by_hand(now + day)}, now);
    CHECK(after.due(now).size() <= 1);
  }
  Watch after;
  after.restore("\n\nzz 1 2\n1 9 3\n1 -1 3\n5 1\n1 2 3 4\n99999999999999999999 1 1\n" + memory);
  after.watch({by_hand(now + day)}, now);
  CHECK(after.due(now).empty());
}

TEST_CASE("The memory forgets what was said more than a day ago") {
  Watch watch;
  watch.watch({by_hand(now)}, now);
  REQUIRE(watch.due(now).size() == 1);
  CHECK_FALSE(watch.memory().empty());
  watch.watch({}, now + day);
  CHECK(watch.memory().empty());
}

TEST_CASE("A clock that jumped back neither silences nor repeats") {
  Watch watch;
  watch.watch({by_hand(now + day)}, now + 365 * day);
  REQUIRE(said(watch, now + 365 * day) == Whats{What::expired});
  CHECK(said(watch, now) == Whats{What::ends_soon});
  CHECK(said(watch, now + hour).empty());
  CHECK(said(watch, now + day) == Whats{What::expired});
  CHECK(said(watch, now + day - hour).empty());
  CHECK(said(watch, now + 2 * day) == Whats{What::expired});
}

TEST_CASE("The clock may jump ahead") {
  Watch watch;
  watch.watch({by_hand(now + 365 * day)}, now);
  REQUIRE(watch.due(now).empty());
  CHECK(said(watch, now + 400 * day) == Whats{What::expired});
}

}  // namespace
}  // namespace arbortls::expiry
