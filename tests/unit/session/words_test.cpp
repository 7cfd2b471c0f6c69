#include "session/facts.hpp"
#include "session/metrics.hpp"
#include "session/reasons.hpp"
#include "session/registry.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace arbortls::session;

namespace {

template <class Enum>
std::set<std::string_view> words() {
  std::set<std::string_view> all;
  for (int i = 0; i < static_cast<int>(Enum::count_); ++i) all.insert(to_string(static_cast<Enum>(i)));
  return all;
}

struct Member final : Registered {
  explicit Member(std::vector<Member*>& seen) : cuts(seen) {}
  bool cut(EndReason reason) override {
    cuts.push_back(this);
    last = reason;
    if (leaves) unlink();
    return alive;
  }
  std::vector<Member*>& cuts;
  EndReason last = EndReason::client_closed;
  bool alive = true;
  bool leaves = false;
};

}  // namespace

TEST_CASE("each reason and each kind of SNI has a word of its own, fit for a label", "[session]") {
  CHECK(words<EndReason>().size() == static_cast<std::size_t>(EndReason::count_));
  CHECK(words<SniKind>().size() == static_cast<std::size_t>(SniKind::count_));
  for (const auto& all : {words<EndReason>(), words<SniKind>()}) {
    for (const auto word : all) {
      CHECK(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
    }
  }
}

TEST_CASE("a slot holds one place, wherever it is moved", "[session]") {
  Metrics metrics;
  {
    Slot first(metrics);
    CHECK(metrics.active.value() == 1);
    const Slot second(std::move(first));
    CHECK(metrics.active.value() == 1);
  }
  CHECK(metrics.active.value() == 0);
}

TEST_CASE("a registry cuts everyone once, counts the living, and bears members that leave", "[session]") {
  Registry registry;
  std::vector<Member*> seen;
  Member a(seen);
  Member b(seen);
  Member dead(seen);
  a.leaves = true;
  dead.alive = false;
  for (Member* member : {&a, &b, &dead}) registry.add(*member);
  {
    Member gone(seen);
    registry.add(gone);
  }
  CHECK(registry.cut_all(EndReason::drained) == 2);
  CHECK(seen == std::vector<Member*>{&a, &b, &dead});
  CHECK(b.last == EndReason::drained);
  CHECK(registry.cut_all(EndReason::drained) == 1);
}
