#include "load/fleet.hpp"
#include "load/latencies.hpp"
#include "load/messages.hpp"

#include <deque>
#include <vector>

namespace arbortls::bench {
namespace {

// Message k leaves on connection k modulo the number of connections, all of them evenly spread in time.
class Paced final : public ClientEvents {
 public:
  explicit Paced(const MessageOptions& options)
      : message_("E" + std::string(options.size - 1, 'x')),
        step_(Clock::duration(std::chrono::milliseconds(options.interval_ms)) /
              static_cast<int>(options.connections)),
        total_(static_cast<std::size_t>(std::chrono::seconds(options.duration_s) / step_)),
        latencies_(total_),
        waiting_(options.connections) {}

  // Sends what is due and says when the next message is.
  TimePoint send_due(std::vector<std::unique_ptr<Client>>& clients, TimePoint start) {
    while (sent_ < total_) {
      const TimePoint due = start + step_ * static_cast<Clock::rep>(sent_);
      if (due > Clock::now()) return due;
      const std::size_t index = sent_++ % clients.size();
      waiting_[index].due.push_back(due);
      clients[index]->send(message_);
    }
    return TimePoint::max();
  }

  bool done() const { return !failure_.empty() || latencies_.count() == total_; }
  const std::string& failure() const { return failure_; }
  const std::string& message() const { return message_; }

  boost::json::object figures(Clock::duration took) {
    const double seconds = std::chrono::duration<double>(took).count();
    return {{"count", latencies_.count()},
            {"seconds", seconds},
            {"per_second", static_cast<double>(latencies_.count()) / seconds},
            {"latency", latencies_.summary()}};
  }

 private:
  struct Waiting {
    std::deque<TimePoint> due;  // messages on their way, oldest first
    std::size_t got = 0;        // bytes of the oldest that are back
  };

  void on_open(Client&) override {}

  void on_data(Client& client, std::string_view data) override {
    Waiting& waiting = waiting_[client.index()];
    for (waiting.got += data.size(); waiting.got >= message_.size() && !waiting.due.empty();) {
      waiting.got -= message_.size();
      latencies_.add(Clock::now() - waiting.due.front());
      waiting.due.pop_front();
    }
  }

  void on_end(Client& client, End) override { failure_ = "a connection ended: " + client.why(); }

  const std::string message_;
  const Clock::duration step_;
  const std::size_t total_;
  Latencies latencies_;
  std::vector<Waiting> waiting_;
  std::size_t sent_ = 0;
  std::string failure_;
};

}  // namespace

Result<boost::json::object> run_paced(const TargetOptions& target_options,
                                      const MessageOptions& options, const Steps& steps) {
  auto loop = EventLoop::make();
  if (!loop) return loop.error();
  auto target = Target::make(target_options);
  if (!target) return target.error();
  const auto deadline = Clock::now() + std::chrono::seconds(options.deadline_s);
  Paced paced(options);
  Fleet fleet(*loop, *target, options.connections);
  const auto opened = fleet.open(deadline, paced.message(), paced);
  if (!opened) return opened.error();
  steps.tell_and_wait("ready");
  const auto start = Clock::now();
  while (!paced.done() && Clock::now() < deadline) {
    loop->turn(std::min(paced.send_due(fleet.clients(), start), deadline));
  }
  const auto took = Clock::now() - start;
  steps.tell_and_wait("measured");
  if (!paced.failure().empty()) return error(paced.failure());
  if (!paced.done()) return error("not all messages came back in time");
  fleet.close(Clock::now() + std::chrono::seconds(5));
  return paced.figures(took);
}

}  // namespace arbortls::bench
