#include "watch/watcher.hpp"

#include "watch/settling.hpp"
#include "watch/signatures.hpp"
#include "watch/watch_table.hpp"

#include <sys/inotify.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace arbortls::watch {
namespace {

constexpr Target no_owner = UINT32_MAX;
// A directory that keeps changing while it is looked at is left to its events and the poll.
constexpr int most_rounds = 3;
constexpr int settles_to_next_look = 4;

struct Watched {
  std::string path;  // "": free
  std::string real;
  bool directory = false;
  Target owner = no_owner;  // the directory of which this is a symlink entry, watched on its behalf
  Signature signature = 0;
  struct Content {
    DirectorySignatures signatures;
    std::unordered_set<Target> symlinks;  // targets owned
  };
  std::unique_ptr<Content> content;  // of a directory
};

std::string entry_path(const std::string& directory, std::string_view entry) {
  std::string path = directory;
  if (path.empty() || path.back() != '/') path += '/';
  return path.append(entry);
}

}  // namespace

struct Watcher::Impl {
  explicit Impl(Options given) : options(given), table(given.inotify), settling(given.settle) {}

  void set_paths(const std::vector<std::string>& directories, const std::vector<std::string>& files);
  void want(const std::string& path, bool directory, std::unordered_set<std::string>& wanted);
  void add(const std::string& path, bool directory, Target owner);
  void drop(Target target);
  void refresh(Target target);
  void refresh_all(WatchTable::Refresh how);
  void follow_symlinks_in(Target target);
  void follow_if_symlink(Target owner, const std::string& path, bool symlink);

  Changes process(Clock::time_point now);
  void handle(const Event& event, Clock::time_point now);
  void handle_entry(const WatchTable::Hit& hit, const Event& event, Clock::time_point now);
  void refresh_touched(Clock::time_point now);
  void report(const std::string& path, bool at_once, Clock::time_point now);
  bool poll();
  bool poll_one(const Watched& watched, const DirectorySignatures::Difference& difference, bool self);
  void note_reported(const std::string& path);
  Changes everything_changed();

  Options options;
  WatchTable table;
  Settling settling;
  std::vector<Watched> targets;
  std::vector<Target> free;
  std::unordered_map<std::string, Target> by_path;
  std::unordered_map<Target, bool> touched;  // since the last refresh; true: report at once
  std::unordered_map<std::string, Target> relinked;  // entries that may have become, or ceased to be, symlinks
  bool overflow = false;
  std::optional<Clock::time_point> next_poll;
};

void Watcher::Impl::set_paths(const std::vector<std::string>& directories, const std::vector<std::string>& files) {
  std::unordered_set<std::string> wanted;
  wanted.reserve(directories.size() + files.size());
  table.begin_refresh(WatchTable::Refresh::refused);
  for (const std::string& path : directories) want(path, true, wanted);
  for (const std::string& path : files) want(path, false, wanted);
  for (Target target = 0; target < targets.size(); ++target) {
    const Watched& watched = targets[target];
    if (!watched.path.empty() && watched.owner == no_owner && !wanted.contains(watched.path)) drop(target);
  }
}

void Watcher::Impl::want(const std::string& path, bool directory, std::unordered_set<std::string>& wanted) {
  if (path.empty() || !wanted.insert(path).second) return;
  const auto place = by_path.find(path);
  if (place != by_path.end() && targets[place->second].directory == directory) {
    targets[place->second].owner = no_owner;
    return;
  }
  if (place != by_path.end()) drop(place->second);
  add(path, directory, no_owner);
}

void Watcher::Impl::add(const std::string& path, bool directory, Target owner) {
  Target target = static_cast<Target>(targets.size());
  if (free.empty()) {
    targets.emplace_back();
  } else {
    target = free.back();
    free.pop_back();
  }
  by_path.emplace(path, target);
  Watched& watched = targets[target];
  watched.path = path;
  watched.directory = directory;
  watched.owner = owner;
  if (owner != no_owner) targets[owner].content->symlinks.insert(target);
  if (directory) watched.content = std::make_unique<Watched::Content>();
  refresh(target);
  targets[target].signature = signature_of(path);
  if (directory) targets[target].content->signatures.update(path);
}

void Watcher::Impl::drop(Target target) {
  table.forget(target);
  touched.erase(target);
  const Watched gone = std::exchange(targets[target], Watched{});
  by_path.erase(gone.path);
  free.push_back(target);
  if (gone.owner != no_owner && targets[gone.owner].content) targets[gone.owner].content->symlinks.erase(target);
  if (!gone.content) return;
  for (const Target symlink : gone.content->symlinks) {
    if (targets[symlink].owner == target) drop(symlink);
  }
}

void Watcher::Impl::refresh(Target target) {
  if (table.descriptor() < 0) return;
  const bool directory = targets[target].directory;
  bool moved = false;
  for (int round = 0; round < most_rounds; ++round) {
    const Chain chain = resolve_links(targets[target].path);
    const WatchTable::Followed followed = table.follow(target, chain, directory);
    moved |= followed.moved || followed.new_watches;
    targets[target].real = chain.real;
    if (!followed.new_watches) break;
  }
  if (directory && moved) follow_symlinks_in(target);
}

void Watcher::Impl::refresh_all(WatchTable::Refresh how) {
  table.begin_refresh(how);
  for (Target target = 0; target < targets.size(); ++target) {
    if (!targets[target].path.empty()) refresh(target);
  }
}

void Watcher::Impl::follow_symlinks_in(Target target) {
  const std::string directory = targets[target].path;
  for (const std::string& name : symlinks_in(directory)) follow_if_symlink(target, entry_path(directory, name), true);
}

void Watcher::Impl::follow_if_symlink(Target owner, const std::string& path, bool symlink) {
  const auto place = by_path.find(path);
  if (symlink && place == by_path.end()) add(path, false, owner);
  if (!symlink && place != by_path.end() && targets[place->second].owner == owner) drop(place->second);
}

void Watcher::Impl::report(const std::string& path, bool at_once, Clock::time_point now) {
  if (at_once) settling.at_once(path);
  else settling.when_quiet(path, now);
}

void Watcher::Impl::handle(const Event& event, Clock::time_point now) {
  constexpr std::uint32_t gone = IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT;
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    overflow = true;
  } else if ((event.mask & gone) != 0) {
    table.lose(event.watch, (event.mask & IN_MOVE_SELF) == 0);
  } else if (!event.name.empty()) {
    table.look_up(event, [&](const WatchTable::Hit& hit) { handle_entry(hit, event, now); });
  }
}

void Watcher::Impl::handle_entry(const WatchTable::Hit& hit, const Event& event, Clock::time_point now) {
  constexpr std::uint32_t entry_set = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
  if (hit.on_chain.empty() && hit.whole.empty()) return;
  const bool may_be_link = (event.mask & entry_set) != 0 && (event.mask & IN_ISDIR) == 0;
  const bool symlink = may_be_link && is_symlink(entry_path(hit.directory, event.name));
  const bool at_once = (event.mask & IN_MOVED_TO) != 0 || ((event.mask & IN_CREATE) != 0 && symlink);
  for (const Target target : hit.on_chain) touched[target] |= at_once;
  for (const Target target : hit.whole) {
    const std::string path = entry_path(targets[target].path, event.name);
    report(path, at_once, now);
    if (may_be_link) relinked.insert_or_assign(path, target);
  }
}

// Chains are looked up again after all events are read, so that a burst costs each target one look.
void Watcher::Impl::refresh_touched(Clock::time_point now) {
  for (const Target target : table.take_orphans()) touched.try_emplace(target, false);
  for (const auto& [path, owner] : std::exchange(relinked, {})) {
    if (targets[owner].content) follow_if_symlink(owner, path, is_symlink(path));
  }
  for (const auto& [target, at_once] : std::exchange(touched, {})) {
    if (targets[target].path.empty()) continue;
    refresh(target);
    report(targets[target].path, at_once, now);
  }
}

Changes Watcher::Impl::process(Clock::time_point now) {
  table.begin_refresh(WatchTable::Refresh::moved);
  table.drain([&](const Event& event) { handle(event, now); });
  if (std::exchange(overflow, false)) return everything_changed();
  refresh_touched(now);
  if (!next_poll) next_poll = now + options.poll_interval;
  if (now >= *next_poll) {
    // What a poll finds may still be in the making.
    next_poll = now + (poll() ? std::min(options.poll_interval, options.settle * settles_to_next_look)
                              : options.poll_interval);
  }
  Changes changes;
  changes.paths = settling.take(now);
  for (const std::string& path : changes.paths) note_reported(path);
  return changes;
}

Changes Watcher::Impl::everything_changed() {
  touched.clear();
  relinked.clear();
  table.take_orphans();
  refresh_all(WatchTable::Refresh::all);
  poll();
  settling.clear();
  Changes changes;
  changes.everything = true;
  return changes;
}

// Answers whether anything differs.
bool Watcher::Impl::poll() {
  refresh_all(WatchTable::Refresh::refused);
  bool any = false;
  for (Watched& watched : targets) {
    if (watched.path.empty()) continue;
    const Signature signature = signature_of(watched.path);
    // A directory's own signature changes with each entry: only its coming and going counts.
    const bool self = watched.directory ? (watched.signature == 0) != (signature == 0) : watched.signature != signature;
    watched.signature = signature;
    DirectorySignatures::Difference difference;
    if (watched.content) difference = watched.content->signatures.update(watched.path);
    any |= poll_one(watched, difference, self);
  }
  return any;
}

bool Watcher::Impl::poll_one(const Watched& watched, const DirectorySignatures::Difference& difference, bool self) {
  if (self || difference.removed) settling.at_once(watched.path);
  for (const std::string& entry : difference.entries) settling.at_once(entry_path(watched.path, entry));
  return self || difference.any();
}

// What was reported is not to be reported again by the next poll.
void Watcher::Impl::note_reported(const std::string& path) {
  if (const auto place = by_path.find(path); place != by_path.end()) {
    Watched& watched = targets[place->second];
    watched.signature = signature_of(path);
    if (watched.content) watched.content->signatures.update(path);
  }
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return;
  for (const std::size_t length : {slash, slash + 1}) {
    const auto parent = by_path.find(path.substr(0, length));
    if (parent == by_path.end() || !targets[parent->second].content) continue;
    targets[parent->second].content->signatures.update_entry(parent->first, path.substr(slash + 1));
  }
}

Watcher::Watcher(Options options) : impl_(std::make_unique<Impl>(options)) {}
Watcher::~Watcher() = default;
Watcher::Watcher(Watcher&&) noexcept = default;
Watcher& Watcher::operator=(Watcher&&) noexcept = default;

void Watcher::set_paths(const std::vector<std::string>& directories, const std::vector<std::string>& files) {
  impl_->set_paths(directories, files);
}

int Watcher::descriptor() const noexcept { return impl_->table.descriptor(); }

Clock::time_point Watcher::next_deadline() const noexcept {
  if (!impl_->next_poll) return Clock::time_point::min();
  return std::min(*impl_->next_poll, impl_->settling.next_deadline());
}

Changes Watcher::process(Clock::time_point now) { return impl_->process(now); }

std::string Watcher::degraded() const {
  const WatchTable& table = impl_->table;
  const auto every = std::chrono::duration_cast<std::chrono::seconds>(impl_->options.poll_interval).count();
  const std::string polled = " polled every " + std::to_string(every) + " s";
  if (table.descriptor() < 0) return "no inotify: every path is only" + polled;
  if (table.unwatched() > 0) {
    const bool limit = table.last_refusal() == ENOSPC;
    return std::to_string(table.unwatched()) + " directories cannot be watched (" +
           (limit ? "fs.inotify.max_user_watches reached" : std::strerror(table.last_refusal())) + "): only" + polled;
  }
  if (table.remote() > 0) {
    return std::to_string(table.remote()) + " directories are on a network file system: changes made elsewhere are" + polled;
  }
  return "";
}

}  // namespace arbortls::watch
