#include "load/message_load.hpp"
#include "load/pace.hpp"

namespace arbortls::bench {
namespace {

std::size_t messages_in_all(const MessageOptions& options) {
  const auto on_each =
      std::chrono::seconds(options.duration_s) / std::chrono::milliseconds(options.interval_ms);
  return static_cast<std::size_t>(on_each) * options.connections;
}

class Paced final : public MessageLoad {
 public:
  explicit Paced(const MessageOptions& options)
      : MessageLoad(options, messages_in_all(options)),
        pace_(message_, options.connections, std::chrono::milliseconds(options.interval_ms)) {}

  void begin(Clients& clients) override {
    clients_ = &clients;
    start_ = Clock::now();
  }

  TimePoint send_due() override { return pace_.send_due(*clients_, start_, total_); }

 private:
  void on_data(Client& client, std::string_view data) override {
    pace_.take(client.index(), data.size(), [this](Clock::duration took) { came_back(took); });
  }

  Pace pace_;
  Clients* clients_ = nullptr;
  TimePoint start_;
};

}  // namespace

Result<boost::json::object> run_paced(const TargetOptions& target, const MessageOptions& options,
                                      const Steps& steps) {
  Paced load(options);
  return run_standing(target, options.connections, options.deadline_s, load, steps);
}

}  // namespace arbortls::bench
