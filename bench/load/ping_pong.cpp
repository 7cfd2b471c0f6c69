#include "load/message_load.hpp"

#include <algorithm>
#include <vector>

namespace arbortls::bench {
namespace {

class PingPong final : public MessageLoad {
 public:
  explicit PingPong(const MessageOptions& options)
      : MessageLoad(options, options.count),
        sent_at_(options.connections),
        missing_(options.connections) {}

  void begin(Clients& clients) override {
    for (auto& client : clients) send_next(*client);
  }

 private:
  void send_next(Client& client) {
    if (begun_ == total_) return;
    ++begun_;
    missing_[client.index()] = message_.size();
    sent_at_[client.index()] = Clock::now();
    client.send(message_);
  }

  void on_data(Client& client, std::string_view data) override {
    std::size_t& missing = missing_[client.index()];
    missing -= std::min(missing, data.size());
    if (missing > 0) return;
    came_back(Clock::now() - sent_at_[client.index()]);
    send_next(client);
  }

  std::vector<TimePoint> sent_at_;
  std::vector<std::size_t> missing_;
  std::size_t begun_ = 0;
};

}  // namespace

Result<boost::json::object> run_ping_pong(const TargetOptions& target,
                                          const MessageOptions& options, const Steps& steps) {
  PingPong load(options);
  return run_standing(target, options.connections, options.deadline_s, load, steps);
}

}  // namespace arbortls::bench
