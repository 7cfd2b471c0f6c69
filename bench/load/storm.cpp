#include "load/storm.hpp"

#include "load/fleet.hpp"
#include "load/latencies.hpp"
#include "load/pace.hpp"

#include <algorithm>
#include <queue>
#include <vector>

namespace arbortls::bench {
namespace {

using std::chrono::milliseconds;

constexpr int connects_a_turn = 32;

class Storm final : public ClientEvents {
 public:
  explicit Storm(const StormOptions& options)
      : options_(options),
        message_("E" + std::string(options.size - 1, 'x')),
        phones_(options.clients),
        waited_(options.clients) {}

  const std::string& message() const noexcept { return message_; }

  // They talk at their pace until the moment of the cut.
  void stand(EventLoop& loop, Clients& clients) {
    Pace pace(message_, clients.size(), milliseconds(options_.interval_ms));
    const auto start = Clock::now();
    const auto end = start + milliseconds(options_.hold_ms);
    while (Clock::now() < end) {
      loop.turn(std::min(end, pace.send_due(clients, start, Pace::without_end)));
    }
  }

  void cut(Clients& clients) {
    clients_ = &clients;
    if (options_.resume) keep_tickets();
    for (auto& client : clients) client->cut();
    cut_at_ = Clock::now();
    const auto back = cut_at_ + milliseconds(options_.back_ms);
    for (std::size_t i = 0; i < phones_.size(); ++i) due_.push({back, i, 0});
  }

  void prepare() {
    for (std::size_t i = 0; i < phones_.size(); ++i) prepare(i);
  }

  // Begins and gives up attempts that are due, and says when the next is; not all at once, so that
  // the ClientHello of one does not wait for the connects of all.
  TimePoint act() {
    for (int i = 0; i < connects_a_turn; ++i) {
      if (due_.empty() || due_.top().when > Clock::now()) break;
      const Due due = due_.top();
      due_.pop();
      Phone& phone = phones_[due.phone];
      if (phone.served || due.attempt != phone.attempts) continue;  // it has ended some other way
      if (phone.trying)
        give_up(due.phone);
      else
        attempt(due.phone);
    }
    return due_.empty() ? TimePoint::max() : due_.top().when;
  }

  bool done() const { return served_ == phones_.size(); }

  boost::json::object figures() {
    const double last = std::chrono::duration<double>(last_served_ - cut_at_).count();
    return {{"clients", phones_.size()},   {"served", served_},
            {"resumed", resumed_},         {"attempts", attempts_},
            {"failed_attempts", failed_},  {"over_5s", over_5s_ + (phones_.size() - served_)},
            {"lost_again", lost_again_},   {"last_served_s", last},
            {"waited", waited_.summary()}, {"why", why_}};
  }

 private:
  struct Phone {
    std::size_t attempts = 0;
    std::size_t got = 0;  // bytes of its first message that are back
    bool trying = false;
    bool served = false;
    SslSessionPtr ticket;
  };

  struct Due {
    TimePoint when;
    std::size_t phone;
    std::size_t attempt;  // the phone's count when this was planned
    bool operator<(const Due& other) const { return when > other.when; }
  };

  void keep_tickets() {
    for (std::size_t i = 0; i < phones_.size(); ++i) phones_[i].ticket = (*clients_)[i]->session();
  }

  void prepare(std::size_t index) {
    const auto prepared = (*clients_)[index]->prepare(phones_[index].ticket.get());
    if (!prepared) why_ = prepared.error().message;
  }

  void attempt(std::size_t index) {
    Phone& phone = phones_[index];
    ++attempts_;
    ++phone.attempts;
    phone.got = 0;
    phone.trying = true;
    due_.push({Clock::now() + milliseconds(options_.give_up_ms), index, phone.attempts});
    const auto opened = (*clients_)[index]->open_prepared();
    if (!opened) failed(index, opened.error().message);
  }

  void give_up(std::size_t index) {
    (*clients_)[index]->cut();
    failed(index, "not served in time");
  }

  void failed(std::size_t index, const std::string& why) {
    Phone& phone = phones_[index];
    ++failed_;
    why_ = why;
    phone.trying = false;
    prepare(index);
    due_.push({Clock::now() + milliseconds(options_.back_ms), index, phone.attempts});
  }

  void on_open(Client& client) override {
    if (client.resumed()) ++resumed_;
    client.send(message_);
  }

  void on_data(Client& client, std::string_view data) override {
    Phone& phone = phones_[client.index()];
    phone.got += data.size();
    if (!phone.trying || phone.got < message_.size()) return;
    phone.trying = false;
    phone.served = true;
    ++served_;
    last_served_ = Clock::now();
    waited_.add(last_served_ - cut_at_);
    if (last_served_ - cut_at_ > std::chrono::seconds(5)) ++over_5s_;
  }

  void on_end(Client& client, End) override {
    if (phones_[client.index()].served)
      ++lost_again_;
    else
      failed(client.index(), client.why());
  }

  const StormOptions& options_;
  const std::string message_;
  Clients* clients_ = nullptr;
  std::vector<Phone> phones_;
  std::priority_queue<Due> due_;
  Latencies waited_;
  TimePoint cut_at_, last_served_;
  std::size_t served_ = 0, resumed_ = 0, attempts_ = 0, failed_ = 0, over_5s_ = 0, lost_again_ = 0;
  std::string why_;  // the last failed attempt's reason
};

}  // namespace

Result<boost::json::object> run_storm(const TargetOptions& target_options,
                                      const StormOptions& options, const Steps& steps) {
  auto loop = EventLoop::make();
  if (!loop) return loop.error();
  auto target = Target::make(target_options);
  if (!target) return target.error();
  const auto deadline = Clock::now() + std::chrono::seconds(options.deadline_s);
  Storm storm(options);
  Fleet fleet(*loop, *target, options.clients);
  const auto opened = fleet.open(deadline, storm.message(), storm);
  if (!opened) return opened.error();
  steps.tell_and_wait("ready");
  storm.stand(*loop, fleet.clients());
  storm.cut(fleet.clients());
  steps.tell("cut");
  storm.prepare();
  while (!storm.done() && Clock::now() < deadline) loop->turn(std::min(storm.act(), deadline));
  return storm.figures();
}

}  // namespace arbortls::bench
