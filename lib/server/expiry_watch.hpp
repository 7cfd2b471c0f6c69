#pragma once
// ExpiryWatch looks over everything that ends, every few minutes and after a reload, on a thread of
// its own, and says what is to be said: in the log and to the hook program, each once a day, across
// restarts. A change costs it nothing.

#include "base/wake_up.hpp"
#include "expiry/watch.hpp"
#include "hook/runner.hpp"
#include "issuance/report.hpp"
#include "log/logger.hpp"
#include "server/expiry_news.hpp"
#include "server/expiry_things.hpp"
#include "server/view.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace arbortls::server {

class ExpiryWatch {
 public:
  struct Parts {
    std::string state_dir;  // remembers what was said in its `expiry.said`
    log::Logger& logger;
    std::function<std::int64_t()> clock;  // Unix seconds
    // Asks whoever makes certificates to take() a report, now or later; called on the watch's
    // thread. Null: nobody does.
    std::function<void()> ask_report;
    std::function<void()> on_start;  // on the new thread, before anything else
    std::chrono::milliseconds interval = std::chrono::minutes(5);
  };

  explicit ExpiryWatch(Parts parts);
  ~ExpiryWatch();  // stop()

  // Any thread. What is in force from now on. The first one, and that of a reload, is looked at
  // once all of its certificates are read.
  void follow(ViewPtr view);
  void take(issuance::Report report);
  ExpirySummary summary() const;
  // Kills hook programs that run.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;

  // What a look is taken at.
  struct State {
    ViewPtr view;
    std::shared_ptr<const issuance::Report> report = std::make_shared<issuance::Report>();
  };

  void run();
  void restore();
  void wait();
  bool stopping() const;
  bool is_time();
  void look();
  expiry::Notice notice_of(const config::Expiry& expiry) const;
  Things find_things(const State& state, const expiry::Notice& notice, std::int64_t now);
  void say(const expiry::Signal& signal, const config::Hooks& hooks);
  void remember();

  Parts parts_;
  expiry::Watch watch_;
  FirstSeen not_served_since_;
  hook::Runner runner_;
  std::uint64_t untold_ = 0;  // events that no hook program was told of, as already logged
  std::string trouble_;       // why the memory cannot be kept, as already logged
  Clock::time_point next_look_;
  bool asked_ = false;  // for a report that has not come yet
  WakeUp wake_;

  mutable std::mutex mutex_;  // guards what follows
  State state_;
  std::int64_t last_reload_ = 0;
  bool at_once_ = true;
  bool reported_ = false;  // since it was asked for
  bool stopping_ = false;
  ExpirySummary summary_;

  std::thread thread_;
};

}  // namespace arbortls::server
