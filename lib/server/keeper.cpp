#include "server/keeper.hpp"

#include "server/issuing.hpp"
#include "server/process.hpp"

#include <malloc.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace arbortls::server {
namespace {

constexpr auto upkeep_interval = std::chrono::seconds(60);
constexpr int pause_without_memory = 100;  // milliseconds
constexpr std::size_t saves_in_a_row =
    4;                          // each may wait for the disk, and a change waits for them
constexpr std::size_t reads_in_a_row = 128;
constexpr int most_rounds = 3;  // of looking at paths that only just became known
constexpr std::size_t saves_at_end = 256;

watch::Options watch_options(const config::Settings& settings) {
  watch::Options options;
  options.settle = settings.watch_settle;
  options.poll_interval = settings.watch_poll;
  return options;
}

ReloadResult refused_at_end() {
  return {false, {{Severity::error, {}, "", "the daemon is stopping"}}};
}

log::Level level_of(config::LogLevel level) { return static_cast<log::Level>(level); }

}  // namespace

Keeper::Keeper(Parts parts)
    : parts_(std::move(parts)),
      watcher_(watch_options(parts_.book->settings())),
      ticket_file_(parts_.store->ticket_key_file()),
      nice_(parts_.book->settings().workers.handshake_nice) {}

std::pair<std::unique_ptr<Keeper>, Problems> Keeper::start(Parts parts) {
  std::unique_ptr<Keeper> keeper(new Keeper(std::move(parts)));
  keeper->rotate_tickets();
  Problems problems = keeper->open_and_publish();
  if (has_errors(problems)) return {nullptr, std::move(problems)};
  keeper->publish_view();
  keeper->thread_ = std::thread([k = keeper.get()] { k->run(); });
  return {std::move(keeper), Problems{}};
}

Keeper::~Keeper() { stop(); }

void Keeper::ask_to_stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.ring();
}

void Keeper::stop() {
  ask_to_stop();
  if (thread_.joinable()) thread_.join();
}

void Keeper::reload(std::function<void(ReloadResult)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      reloads_.push_back(std::move(done));
      done = nullptr;
    }
  }
  if (done)
    done(refused_at_end());
  else
    wake_.ring();
}

Problems Keeper::open_and_publish() {
  // Whoever asks to stop closes the sockets next.
  const std::lock_guard lock(mutex_);
  if (stopping_) return refused_at_end().problems;
  const config::Settings& settings = parts_.book->settings();
  Sockets::Opened opened = parts_.sockets.open(settings.listeners, settings.http_listeners);
  if (has_errors(opened.problems)) return std::move(opened.problems);
  addresses_ = std::move(opened.addresses);
  snapshot_ = parts_.book->snapshot();
  parts_.workers.publish(snapshot_, opened.listeners);
  doors_.clear();
  for (const OpenDoor& door : opened.doors) doors_.push_back({door.listener.name, door.listener.kind, door.address});
  if (parts_.doors != nullptr) parts_.doors->publish(std::move(opened.doors));
  parts_.sockets.commit();
  return {};
}

void Keeper::run() {
  // What has changed between the reading and the watching is seen by nobody else.
  bool look_at_all = true;
  bool recovering = false;
  lower_priority(nice_);  // a look at everything is work enough to delay the connections that stand
  for (;;) {
    wait();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    try {
      read_pending();
      if (look_at_all) follow(recovering);
      look_at_all = recovering = false;
      serve_reloads();
      watch();
      keep_state();
    } catch (const std::bad_alloc&) {
      // Whatever this round had found or begun is found again by a look at everything.
      look_at_all = recovering = true;
      ::poll(nullptr, 0, pause_without_memory);
    }
  }
  for (const auto& done : take_reloads()) done(refused_at_end());
  // What has only just been loaded shall outlive the restart as well.
  parts_.book->save_last_good(saves_at_end);
}

void Keeper::wait() {
  std::array<pollfd, 3> sources{{{wake_.descriptor(), POLLIN, 0},
                                 {watcher_.descriptor(), POLLIN, 0},
                                 {parts_.workers.wanted().descriptor(), POLLIN, 0}}};
  const auto now = watch::Clock::now();
  // A deadline of "at once" is the least time point there is: nothing may be taken from it.
  const auto due = std::max(now, std::min(watcher_.next_deadline(), next_upkeep_));
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now).count();
  const bool busy = saving_ || parts_.book->has_pending();
  const int timeout = busy ? 0 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  ::poll(sources.data(), sources.size(), timeout);
  wake_.hush();
}

// Certificates that somebody waits for come first; the others a few at a time, so that nobody waits
// for long.
void Keeper::read_pending() {
  std::vector<std::string> wanted = parts_.workers.wanted().take();
  if (!parts_.book->has_pending()) return;
  if (parts_.book->load_pending(std::move(wanted), reads_in_a_row)) apply(true);
  if (!parts_.book->has_pending())
    parts_.logger.info("all certificates are read", {{"certificates", parts_.book->certificates()}});
}

std::vector<std::function<void(ReloadResult)>> Keeper::take_reloads() {
  const std::lock_guard lock(mutex_);
  return std::exchange(reloads_, {});
}

void Keeper::serve_reloads() {
  const auto waiting = take_reloads();
  if (waiting.empty()) return;
  const ReloadResult result = reload_now();
  publish_view();
  for (const auto& done : waiting) done(result);
  ::malloc_trim(0);  // two books stood side by side
}

ReloadResult Keeper::reload_now() {
  Book::Made made = Book::load(parts_.config_file, parts_.book.get(), parts_.store, parts_.clock,
                               a_moment);
  Problems problems = std::move(made.problems);
  if (made.book) {
    std::swap(parts_.book, made.book);
    problems = open_and_publish();
    if (has_errors(problems)) std::swap(parts_.book, made.book);
  }
  const bool ok = !has_errors(problems);
  last_reload_ = {ok, parts_.clock(), problems};
  log_all(problems, ok ? "reloaded" : "reload refused");
  if (!ok) return {false, std::move(problems)};
  log_all(news(made.book->troubles(), parts_.book->troubles()), "problem");
  const config::Settings& settings = parts_.book->settings();
  parts_.logger.set_level(level_of(settings.log.level));
  parts_.logger.set_format(static_cast<log::Format>(settings.log.format));
  const config::Settings& before = made.book->settings();
  if (settings.watch_settle != before.watch_settle || settings.watch_poll != before.watch_poll) {
    watcher_ = watch::Watcher(watch_options(settings));
    watched_ = {};
  }
  // What was watched all along tells of its changes itself.
  const Watched before_reload = watched_;
  set_watch();
  apply(watched_ != before_reload && parts_.book->refresh_everything());
  saving_ = true;
  parts_.logger.info("reloaded", {{"domains", parts_.book->records().size()}});
  return {true, {}};
}

void Keeper::log_all(const Problems& problems, const char* event) {
  for (const Problem& problem : problems) {
    const bool fatal = problem.severity == Severity::error;
    // A warning is never why a reload was refused.
    parts_.logger.log(fatal ? log::Level::error : log::Level::warning, fatal ? event : "problem",
                      {{"problem", std::string_view(to_string(problem))}});
  }
}

void Keeper::set_watch() {
  watched_version_ = parts_.book->watched_version();
  watched_ = {parts_.book->watched_directories(), parts_.book->watched_files()};
  watcher_.set_paths(watched_.directories, watched_.files);
}

void Keeper::follow(bool publish_anyway) {
  set_watch();
  const bool changed = parts_.book->refresh_everything();
  apply(changed || publish_anyway);
}

void Keeper::watch() {
  const watch::Changes changes = watcher_.process(watch::Clock::now());
  if (changes.empty()) return;
  const bool changed =
      changes.everything ? parts_.book->refresh_everything() : parts_.book->refresh(changes.paths);
  apply(changed);
  if (!changed) return;
  parts_.logger.info("certificates or domains changed on disk and apply now",
                     {{"paths", changes.everything ? std::string_view("all")
                                                   : std::string_view(changes.paths.front())},
                      {"count", changes.paths.size()}});
}

// Shows what a look at the disk has found, and puts it in force if it differs.
void Keeper::apply(bool changed) {
  // What a new path leads to may have changed before it was watched.
  for (int round = 0; round < most_rounds && parts_.book->watched_version() != watched_version_;
       ++round) {
    set_watch();
    changed = parts_.book->refresh_everything() || changed;
  }
  log_all(parts_.book->take_news(), "problem");
  if (changed) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    snapshot_ = parts_.book->snapshot();
    parts_.workers.publish(snapshot_);
  }
  saving_ |= changed;
  publish_view();
}

void Keeper::keep_state() {
  if (saving_ && !parts_.book->has_pending()) {
    saving_ = parts_.book->save_last_good(saves_in_a_row);
    if (!saving_) publish_view();
  }
  if (watch::Clock::now() < next_upkeep_) return;
  next_upkeep_ = watch::Clock::now() + upkeep_interval;
  parts_.store->prepare();
  rotate_tickets();
  saving_ = true;
  apply(parts_.book->upkeep());
  parts_.workers.drop_unused_contexts();  // a replaced key leaves the memory within the minute
  ::malloc_trim(0);                       // and so does what a crowd that has gone once held
}

void Keeper::rotate_tickets() {
  using std::chrono::duration_cast;
  std::string warning;
  const auto lifetime =
      duration_cast<std::chrono::seconds>(parts_.book->settings().ticket_lifetime).count();
  const auto keys = ticket_file_.load(parts_.clock(), lifetime, &warning);
  parts_.store->note("ticket keys", warning);
  if (!keys)
    return parts_.logger.error("no ticket keys",
                               {{"problem", std::string_view(keys.error().message)}});
  if (*keys == ticket_keys_) return;
  ticket_keys_ = *keys;
  parts_.workers.set_ticket_keys(ticket_keys_);
}

void Keeper::publish_view() {
  auto view = std::make_shared<View>();
  view->snapshot = snapshot_;
  view->addresses = addresses_;
  view->doors = doors_;
  view->problems = parts_.book->troubles();
  view->domains = parts_.book->records().size();
  view->certificates = parts_.book->certificates();
  view->pending = parts_.book->pending();
  view->unsaved = parts_.book->unsaved();
  view->last_reload = last_reload_;
  view->watch_degraded = watcher_.degraded();
  view->drain_timeout = parts_.book->settings().drain_timeout;
  view->issuing = issuance_options(parts_.book->settings());
  view->expiry = parts_.book->settings().expiry;
  parts_.publish_view(std::move(view));
}

}  // namespace arbortls::server
