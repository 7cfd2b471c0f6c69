#include "hook/runner.hpp"

#include "hook/process.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace arbortls::hook {
namespace {

void watch(const UniqueFd& poll, int descriptor) {
  epoll_event readable{};
  readable.events = EPOLLIN;
  ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, descriptor, &readable);
}

timespec to_timespec(Runner::Clock::duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(duration - seconds);
  return {seconds.count(), rest.count()};
}

Facts facts_of(Event event) {
  Facts facts{{"event", std::move(event.name)}, {"domain", std::move(event.domain)}};
  std::move(event.facts.begin(), event.facts.end(), std::back_inserter(facts));
  return facts;
}

}  // namespace

struct Runner::Running {
  Process process;
  Clock::time_point deadline;
  bool overdue = false;
  Done done;
};

Runner::Runner(const Limits& limits)
    : limits_(limits),
      rate_(limits.per_event_and_domain, limits.span),
      poll_(::epoll_create1(EPOLL_CLOEXEC)),
      alarm_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  watch(poll_, alarm_.get());
  watch(poll_, wake_up_.descriptor());
}

Runner::~Runner() = default;

void Runner::run(Program program, Facts facts, Done done) {
  wanted_.push_back({{}, std::move(program), std::move(facts), std::move(done)});
  wake_up_.ring();
}

Runner::Verdict Runner::notify(Program program, Event event, Clock::time_point now, Done done) {
  std::string key = event.name + ' ' + event.domain + ' ' + event.about;
  Job job{key, std::move(program), facts_of(std::move(event)), std::move(done)};
  const auto same = std::find_if(events_.begin(), events_.end(),
                                 [&](const Job& other) { return other.key == key; });
  if (same != events_.end()) {
    *same = std::move(job);
    return Verdict::merged;
  }
  if (events_.size() >= limits_.queued) {
    ++dropped_;
    return Verdict::queue_full;
  }
  if (!rate_.pass(key, now)) {
    ++dropped_;
    return Verdict::too_often;
  }
  events_.push_back(std::move(job));
  wake_up_.ring();
  return Verdict::queued;
}

void Runner::on_ready() {
  wake_up_.hush();
  std::vector<Ended> ended;
  collect(ended);
  start_waiting(ended);
  set_alarm();
  for (const auto& [done, outcome] : ended) {
    if (done) done(outcome);
  }
}

void Runner::collect(std::vector<Ended>& ended) {
  const auto now = Clock::now();
  for (auto each = running_.begin(); each != running_.end();) {
    each->process.read_output();
    if (each->process.has_ended()) {
      Outcome outcome = each->process.finish();
      if (each->overdue) outcome.end = Outcome::End::overdue;
      ended.emplace_back(std::move(each->done), std::move(outcome));
      each = running_.erase(each);
      continue;
    }
    if (now >= each->deadline) {
      each->overdue = true;
      each->process.kill();
    }
    ++each;
  }
}

void Runner::start_waiting(std::vector<Ended>& ended) {
  while (running_.size() < std::max<std::size_t>(limits_.at_once, 1) && waiting() > 0) {
    auto& queue = wanted_.empty() ? events_ : wanted_;
    Job job = std::move(queue.front());
    queue.pop_front();
    start(std::move(job), ended);
  }
}

void Runner::start(Job job, std::vector<Ended>& ended) {
  auto process = Process::start(job.program, job.facts);
  if (!process) {
    Outcome outcome;
    outcome.output = process.error().message;
    ended.emplace_back(std::move(job.done), std::move(outcome));
    return;
  }
  watch(poll_, process->exit_descriptor());
  watch(poll_, process->output_descriptor());
  const auto deadline = Clock::now() + job.program.deadline;
  running_.push_back({std::move(*process), deadline, false, std::move(job.done)});
}

void Runner::set_alarm() const {
  std::optional<Clock::time_point> soonest;
  for (const auto& each : running_) {
    if (!each.overdue) soonest = std::min(soonest.value_or(each.deadline), each.deadline);
  }
  itimerspec alarm{};
  // steady_clock is CLOCK_MONOTONIC; a time that is over still rings.
  if (soonest) alarm.it_value = to_timespec(soonest->time_since_epoch());
  ::timerfd_settime(alarm_.get(), TFD_TIMER_ABSTIME, &alarm, nullptr);
}

Outcome run_and_wait(const Program& program, const Facts& facts) {
  Runner runner;
  std::optional<Outcome> outcome;
  runner.run(program, facts, [&](const Outcome& ended) { outcome = ended; });
  while (!outcome) {
    pollfd ready{runner.descriptor(), POLLIN, 0};
    ::poll(&ready, 1, -1);
    runner.on_ready();
  }
  return *std::move(outcome);
}

}  // namespace arbortls::hook
