#include "server/expiry_watch.hpp"

#include "base/file.hpp"
#include "issuance/tell_hook.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace arbortls::server {
namespace {

constexpr std::size_t longest_memory = 16u << 20;
constexpr char memory_name[] = "/expiry.said";

}  // namespace

ExpiryWatch::ExpiryWatch(Parts parts)
    : parts_(std::move(parts)),
      next_look_(Clock::now() + parts_.interval),
      thread_([this] { run(); }) {}

ExpiryWatch::~ExpiryWatch() { stop(); }

void ExpiryWatch::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.ring();
  thread_.join();
}

void ExpiryWatch::follow(ViewPtr view) {
  const std::lock_guard lock(mutex_);
  at_once_ |= view->last_reload.ok && view->last_reload.time != last_reload_;
  last_reload_ = view->last_reload.time;
  const bool wanted = at_once_ && view->pending == 0;
  state_.view = std::move(view);
  if (wanted) wake_.ring();
}

void ExpiryWatch::take(issuance::Report report) {
  {
    const std::lock_guard lock(mutex_);
    state_.report = std::make_shared<const issuance::Report>(std::move(report));
    reported_ = true;
  }
  wake_.ring();
}

ExpirySummary ExpiryWatch::summary() const {
  const std::lock_guard lock(mutex_);
  return summary_;
}

bool ExpiryWatch::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void ExpiryWatch::run() {
  if (parts_.on_start) parts_.on_start();
  bool restored = false;
  while (!stopping()) {
    try {
      if (!restored) restore();
      restored = true;
      runner_.on_ready();
      look();
      wait();
    } catch (const std::bad_alloc&) {
      parts_.logger.error("memory ran out where expiry is watched", {});
      next_look_ = Clock::now() + parts_.interval;
    }
  }
}

void ExpiryWatch::restore() {
  if (const auto memory = read_file(parts_.state_dir + memory_name, longest_memory))
    watch_.restore(*memory);
}

void ExpiryWatch::wait() {
  std::array<pollfd, 2> sources{
      {{wake_.descriptor(), POLLIN, 0}, {runner_.descriptor(), POLLIN, 0}}};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_look_ - Clock::now()).count();
  ::poll(sources.data(), sources.size(),
         static_cast<int>(std::clamp<std::int64_t>(left, 0, 600'000)));
  wake_.hush();
}

// A look waits for a report, but not if that has not come by the time of the next one.
bool ExpiryWatch::is_time() {
  {
    const std::lock_guard lock(mutex_);
    const bool at_once = at_once_ && state_.view && state_.view->pending == 0;
    const bool answered = asked_ && reported_;
    if (!at_once && !answered && Clock::now() < next_look_) return false;
    if (at_once) at_once_ = false;
    next_look_ = Clock::now() + parts_.interval;
    if (!state_.view) return false;
    if (asked_ || !parts_.ask_report) {
      asked_ = false;
      return true;
    }
    asked_ = true;
    reported_ = false;
  }
  parts_.ask_report();
  return false;
}

void ExpiryWatch::look() {
  if (!is_time()) return;
  State state;
  {
    const std::lock_guard lock(mutex_);
    state = state_;
  }
  const std::int64_t now = parts_.clock();
  const expiry::Notice notice = notice_of(state.view->expiry);
  Things things = find_things(state, notice, now);
  const std::int64_t end = earliest_end(state.view->snapshot->site);
  ExpirySummary summary = summary_of(things, notice, end == cert::no_end ? 0 : end, now);
  watch_.watch(std::move(things), now, notice);
  const auto signals = watch_.due(now);
  for (const expiry::Signal& signal : signals) say(signal, state.view->issuing.hooks);
  if (!signals.empty()) remember();
  const std::lock_guard lock(mutex_);
  summary_ = std::move(summary);
}

expiry::Notice ExpiryWatch::notice_of(const config::Expiry& expiry) const {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  return {duration_cast<seconds>(expiry.info).count(),
          duration_cast<seconds>(expiry.warning).count()};
}

Things ExpiryWatch::find_things(const State& state, const expiry::Notice& notice,
                                std::int64_t now) {
  const tls::Site& site = state.view->snapshot->site;
  const EndFilter wanted = [&](const expiry::Thing& thing) {
    return first_signal(thing, notice) <= now;
  };
  Things things = certificates_that_end(site, *state.report, wanted);
  const auto add = [&things](Things more) {
    things.insert(things.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
  };
  add(chain_members_that_end(site, wanted));
  add(cas_that_end(site, parts_.state_dir + "/ca", wanted));
  add(files_not_served(state.view->problems, *state.report, now, not_served_since_));
  return things;
}

void ExpiryWatch::say(const expiry::Signal& signal, const config::Hooks& hooks) {
  log_signal(parts_.logger, signal);
  issuance::tell_hook(runner_, hooks, hooks.expiring, hook_event(signal), parts_.logger);
}

void ExpiryWatch::remember() {
  if (const auto dropped = runner_.dropped(); dropped != untold_)
    parts_.logger.warning("too many events for the hook",
                          {{"event", std::string_view("expiring")},
                           {"dropped", dropped - std::exchange(untold_, dropped)}});
  const auto kept = write_file_atomically(parts_.state_dir + memory_name, watch_.memory(), 0600);
  std::string trouble = kept ? std::string() : kept.error().message;
  if (!trouble.empty() && trouble != trouble_)
    parts_.logger.warning("what was said of expiry cannot be kept",
                          {{"problem", std::string_view(trouble)}});
  trouble_ = std::move(trouble);
}

}  // namespace arbortls::server
