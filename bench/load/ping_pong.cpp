#include "load/fleet.hpp"
#include "load/latencies.hpp"
#include "load/messages.hpp"

#include <vector>

namespace arbortls::bench {
namespace {

class PingPong final : public ClientEvents {
 public:
  explicit PingPong(const MessageOptions& options)
      : options_(options),
        message_("E" + std::string(options.size - 1, 'x')),
        latencies_(options.count),
        sent_at_(options.connections),
        missing_(options.connections) {}

  void begin(Client& client) {
    if (begun_ == options_.count) return;
    ++begun_;
    missing_[client.index()] = message_.size();
    sent_at_[client.index()] = Clock::now();
    client.send(message_);
  }

  bool done() const { return !failure_.empty() || latencies_.count() == options_.count; }
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
  void on_open(Client&) override {}

  void on_data(Client& client, std::string_view data) override {
    std::size_t& missing = missing_[client.index()];
    missing -= std::min(missing, data.size());
    if (missing > 0) return;
    latencies_.add(Clock::now() - sent_at_[client.index()]);
    begin(client);
  }

  void on_end(Client& client, End) override { failure_ = "a connection ended: " + client.why(); }

  const MessageOptions& options_;
  const std::string message_;
  Latencies latencies_;
  std::vector<TimePoint> sent_at_;
  std::vector<std::size_t> missing_;
  std::size_t begun_ = 0;
  std::string failure_;
};

}  // namespace

Result<boost::json::object> run_ping_pong(const TargetOptions& target_options,
                                          const MessageOptions& options, const Steps& steps) {
  auto loop = EventLoop::make();
  if (!loop) return loop.error();
  auto target = Target::make(target_options);
  if (!target) return target.error();
  const auto deadline = Clock::now() + std::chrono::seconds(options.deadline_s);
  PingPong ping_pong(options);
  Fleet fleet(*loop, *target, options.connections);
  const auto opened = fleet.open(deadline, ping_pong.message(), ping_pong);
  if (!opened) return opened.error();
  steps.tell_and_wait("ready");
  const auto start = Clock::now();
  for (auto& client : fleet.clients()) ping_pong.begin(*client);
  const bool in_time = loop->run(deadline, [&] { return ping_pong.done(); });
  const auto took = Clock::now() - start;
  steps.tell_and_wait("measured");
  if (!ping_pong.failure().empty()) return error(ping_pong.failure());
  if (!in_time) return error("not all messages came back in time");
  fleet.close(Clock::now() + std::chrono::seconds(5));
  return ping_pong.figures(took);
}

}  // namespace arbortls::bench
