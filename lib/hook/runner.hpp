#pragma once
// Runner: runs hook programs without the daemon's privileges, descriptors, environment or memory, a
// few at once, and tells how each ended. One thread, which waits for descriptor() in any loop and
// then calls on_ready(); nothing here blocks except the start of a program, for as long as the
// kernel needs to load it.
//
// A program has /dev/null for input, a session of its own, umask 077, no capabilities and no way to
// gain any, bounded resources and a deadline. What it leaves behind is killed when it ends. It
// still is a program of the user it runs as: where the daemon is not root, files of the daemon's
// user are open to it.

#include "hook/program.hpp"
#include "hook/rate_limit.hpp"

#include "base/unique_fd.hpp"
#include "base/wake_up.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace arbortls::hook {

struct Event {
  std::string name;    // ARBORTLS_EVENT: "renewed", "failed", "expiring"
  std::string domain;  // ARBORTLS_DOMAIN
  Facts facts;         // what else there is to tell
  std::string about{};  // tells events of one name and domain apart; "": there is one at a time
};

struct Limits {
  std::size_t at_once = 4;
  std::size_t queued = 256;              // events that wait; further ones are dropped
  std::size_t per_event_and_domain = 4;  // runs within `span`; further ones are dropped
  std::chrono::steady_clock::duration span = std::chrono::hours(1);
};

class Runner {
 public:
  using Clock = std::chrono::steady_clock;
  // Called from on_ready(), never from within run() or notify(). May call these; must not destroy
  // the Runner.
  using Done = std::function<void(const Outcome&)>;
  // `merged`: one of the same name, domain and `about` still waited; it has the newer facts and
  // Done now.
  enum class Verdict { queued, merged, too_often, queue_full };

  explicit Runner(const Limits& limits = {});
  // Kills what runs; no Done is called.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // A program whose result is waited for (dns-01): no rate limit, goes before waiting events.
  void run(Program program, Facts facts, Done done);
  // A program that is told of an event.
  Verdict notify(Program program, Event event, Clock::time_point now, Done done);

  // Readable when on_ready() has something to do.
  int descriptor() const noexcept { return poll_.get(); }
  void on_ready();

  std::size_t running() const noexcept { return running_.size(); }
  std::size_t waiting() const noexcept { return wanted_.size() + events_.size(); }
  std::uint64_t dropped() const noexcept { return dropped_; }  // events, for either reason

 private:
  struct Job {
    std::string key;  // event and domain; empty for run()
    Program program;
    Facts facts;
    Done done;
  };
  struct Running;

  using Ended = std::pair<Done, Outcome>;

  void collect(std::vector<Ended>& ended);
  void start_waiting(std::vector<Ended>& ended);
  void start(Job job, std::vector<Ended>& ended);
  void set_alarm() const;

  Limits limits_;
  RateLimit rate_;
  UniqueFd poll_;   // epoll over all below
  UniqueFd alarm_;  // timerfd: the next deadline
  WakeUp wake_up_;
  std::deque<Job> wanted_;
  std::deque<Job> events_;
  std::list<Running> running_;
  std::uint64_t dropped_ = 0;
};

// Runs a program and waits for its end, deadline included.
Outcome run_and_wait(const Program& program, const Facts& facts);

}  // namespace arbortls::hook
