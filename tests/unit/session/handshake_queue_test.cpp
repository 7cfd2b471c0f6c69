#include "session/handshake_queue.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <vector>

using namespace arbortls;
using session::HandshakeQueue;

namespace {

using Names = std::vector<int>;

// Begins at once or in its turn, and writes its name down.
class Newcomer final : public session::Queued {
 public:
  Newcomer(int name, Names& begun) : name_(name), begun_(begun) {}

  void come(HandshakeQueue& queue) {
    if (queue.lets_begin())
      begun_.push_back(name_);
    else
      queue.join(*this);
  }
  void on_io(unsigned, std::uint32_t events) override {
    CHECK(events == 0);
    leave_queue();
    begun_.push_back(name_);
  }

 private:
  int name_;
  Names& begun_;
};

// A reactor whose turns are gone through one by one.
class Lane {
 public:
  void come(int first, int last) {
    for (int name = first; name <= last; ++name) {
      newcomers_.push_back(&reactor_.own(std::make_unique<Newcomer>(name, begun)));
      newcomers_.back()->come(queue_);
    }
  }
  void leave(int name) { reactor_.retire(*newcomers_.at(static_cast<std::size_t>(name))); }

  // `acts[n]` is done by the events of the nth turn.
  void turns(std::vector<std::function<void()>> acts) {
    acts_ = std::move(acts);
    next_ = 0;
    plan();
    reactor_.run();
  }

  Names begun;

 private:
  void plan() {
    reactor_.post([this] {
      if (next_ == acts_.size()) return reactor_.stop();
      acts_[next_++]();
      plan();
    });
  }

  net::Reactor reactor_;
  HandshakeQueue& queue_ = reactor_.own(std::make_unique<HandshakeQueue>(reactor_));
  std::vector<Newcomer*> newcomers_;  // by name
  std::vector<std::function<void()>> acts_;
  std::size_t next_ = 0;
};

Names count_up(int last) {
  Names names;
  for (int name = 0; name <= last; ++name) names.push_back(name);
  return names;
}

void nothing() {}

}  // namespace

TEST_CASE("who comes alone or with few begins at once, turn after turn", "[session]") {
  Lane lane;
  std::vector<std::size_t> begun_at_once;
  const auto eight = [&] {
    const int first = static_cast<int>(lane.begun.size());
    lane.come(first, first + 7);
    begun_at_once.push_back(lane.begun.size());
  };
  lane.turns({eight, eight, eight});
  CHECK(begun_at_once == std::vector<std::size_t>{8, 16, 24});
}

TEST_CASE("of a crowd sixteen begin in a turn, in the order they came", "[session]") {
  Lane lane;
  std::vector<std::size_t> begun;  // before each turn's own begins
  const auto note = [&] { begun.push_back(lane.begun.size()); };
  lane.turns({[&] { lane.come(0, 59); }, note, note, note, note, nothing});
  CHECK(begun == std::vector<std::size_t>{16, 32, 48, 60});
  CHECK(lane.begun == count_up(59));
}

TEST_CASE("nobody who comes later overtakes one who waits", "[session]") {
  Lane lane;
  lane.turns({[&] { lane.come(0, 19); }, [&] { lane.come(20, 24); }, [&] { lane.come(25, 25); }, nothing, nothing});
  CHECK(lane.begun == count_up(25));
}

TEST_CASE("who goes while he waits takes nobody's turn", "[session]") {
  const std::size_t when = GENERATE(std::size_t{1}, std::size_t{2});  // his turn is the second one
  Lane lane;
  std::vector<std::function<void()>> acts{[&] { lane.come(0, 40); }, nothing, nothing, nothing};
  acts[when - 1] = [&lane, first = acts[when - 1]] {
    first();
    lane.leave(16);
    lane.leave(20);
  };
  lane.turns(std::move(acts));
  Names expected = count_up(40);
  expected.erase(expected.begin() + 20);
  expected.erase(expected.begin() + 16);
  CHECK(lane.begun == expected);
}

TEST_CASE("a queue may go before those who wait in it", "[session]") {
  Names begun;
  net::Reactor reactor;
  HandshakeQueue& queue = reactor.own(std::make_unique<HandshakeQueue>(reactor));
  for (int name = 0; name < 30; ++name) reactor.own(std::make_unique<Newcomer>(name, begun)).come(queue);
  CHECK(begun.size() == 16);
}
