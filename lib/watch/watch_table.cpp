#include "watch/watch_table.hpp"

#include "watch/signatures.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace arbortls::watch {
namespace {

constexpr std::uint32_t links_mask =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t content_mask = links_mask | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;

std::uint64_t entry_key(std::uint32_t directory, std::string_view name) {
  const std::uint64_t key = hash_bytes(name, directory);
  return key == 0 ? 1 : key;
}

std::pair<std::uint64_t, std::uint64_t> inode_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino};
}

void erase_one(std::vector<Target>& targets, Target target) {
  const auto place = std::find(targets.begin(), targets.end(), target);
  if (place == targets.end()) return;
  *place = targets.back();
  targets.pop_back();
}

}  // namespace

void WatchTable::begin_refresh(Refresh how) {
  ++refresh_;
  if (how != Refresh::moved) exhausted_ = false;
  renew_ = how == Refresh::all;
}

WatchTable::Followed WatchTable::follow(Target target, const Chain& chain, bool entries) {
  if (steps_.size() <= target) steps_.resize(target + 1);
  std::vector<Step> wanted = steps_of(chain, entries);
  const std::vector<Step> old = std::exchange(steps_[target], wanted);
  std::vector<Step> fresh;
  std::vector<Step> stale;
  std::set_difference(wanted.begin(), wanted.end(), old.begin(), old.end(), std::back_inserter(fresh));
  std::set_difference(old.begin(), old.end(), wanted.begin(), wanted.end(), std::back_inserter(stale));
  for (const Step& step : fresh) add(target, step);
  Followed followed{!fresh.empty() || !stale.empty(), false};
  // Links count for their coming and going; what the last one names, for its content.
  const std::uint32_t last = chain.links.empty() ? 0 : intern(chain.links.back().directory);
  for (const Step& step : wanted) {
    followed.new_watches |= ensure_watch(step.directory, step.entry == 0 || (!entries && step.directory == last));
  }
  for (const Step& step : stale) remove(target, step);
  return followed;
}

void WatchTable::forget(Target target) {
  if (target >= steps_.size()) return;
  for (const Step& step : std::exchange(steps_[target], {})) remove(target, step);
}

void WatchTable::look_up(const Event& event, const std::function<void(const Hit&)>& handle) const {
  const std::vector<Target> none;
  const auto [first, last] = by_watch_.equal_range(event.watch);
  for (auto place = first; place != last; ++place) {
    const Directory& directory = directories_[place->second];
    const auto hit = by_entry_.find(entry_key(place->second, event.name));
    handle({directory.path, hit == by_entry_.end() ? none : hit->second, directory.whole});
  }
}

void WatchTable::lose(int watch, bool already_removed) {
  const auto [first, last] = by_watch_.equal_range(watch);
  if (first == last) return;
  for (auto place = first; place != last; ++place) {
    Directory& directory = directories_[place->second];
    directory.watch = -1;
    directory.lost = any_lost_ = true;
  }
  by_watch_.erase(first, last);
  if (!already_removed) inotify_.remove(watch);
}

std::vector<Target> WatchTable::take_orphans() {
  std::vector<Target> orphans;
  if (!std::exchange(any_lost_, false)) return orphans;
  for (Target target = 0; target < steps_.size(); ++target) {
    const auto is_lost = [this](const Step& step) { return directories_[step.directory].lost; };
    if (std::any_of(steps_[target].begin(), steps_[target].end(), is_lost)) orphans.push_back(target);
  }
  for (Directory& directory : directories_) directory.lost = false;
  return orphans;
}

std::vector<WatchTable::Step> WatchTable::steps_of(const Chain& chain, bool entries) {
  std::vector<Step> steps;
  steps.reserve(chain.links.size() + 1);
  for (const Link& link : chain.links) {
    const std::uint32_t id = intern(link.directory);
    steps.push_back({id, entry_key(id, link.name)});
  }
  if (entries && !chain.real.empty()) steps.push_back({intern(chain.real), 0});
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

void WatchTable::add(Target target, const Step& step) {
  Directory& directory = directories_[step.directory];
  ++directory.uses;
  (step.entry == 0 ? directory.whole : by_entry_[step.entry]).push_back(target);
}

void WatchTable::remove(Target target, const Step& step) {
  if (step.entry == 0) {
    erase_one(directories_[step.directory].whole, target);
  } else if (const auto place = by_entry_.find(step.entry); place != by_entry_.end()) {
    erase_one(place->second, target);
    if (place->second.empty()) by_entry_.erase(place);
  }
  release(step.directory);
}

std::uint32_t WatchTable::intern(const std::string& path) {
  const auto [place, fresh] = by_path_.try_emplace(path, 0);
  if (!fresh) return place->second;
  std::uint32_t id = static_cast<std::uint32_t>(directories_.size());
  if (free_.empty()) {
    directories_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  directories_[id].path = path;
  return place->second = id;
}

void WatchTable::release(std::uint32_t id) {
  Directory& directory = directories_[id];
  if (--directory.uses > 0) return;
  drop_watch(id);
  unwatched_ -= directory.refused ? 1 : 0;
  remote_ -= directory.remote ? 1 : 0;
  by_path_.erase(directory.path);
  directory = Directory{};
  free_.push_back(id);
}

// Answers whether a watch was set on an inode that was not watched for this directory before.
bool WatchTable::ensure_watch(std::uint32_t id, bool content) {
  Directory& directory = directories_[id];
  const bool widen = content && !directory.content;
  if (inotify_.descriptor() < 0 || (directory.refreshed == refresh_ && !widen)) return false;
  directory.refreshed = refresh_;
  directory.content |= content;
  // Before the watch: should another directory take the place in between, the next look finds the difference.
  const Inode inode = inode_of(directory.path);
  // Setting a watch again makes the kernel walk the directory's cached entries.
  if (directory.watch >= 0 && inode == directory.inode && !widen && !renew_) return false;
  directory.inode = inode;
  if (exhausted_ && directory.watch < 0) {
    note_refusal(directory, ENOSPC);
    return false;
  }
  const int watch = inotify_.add(directory.path, directory.content ? content_mask : links_mask);
  if (watch < 0) {
    note_refusal(directory, errno);
    drop_watch(id);
    return false;
  }
  if (watch == directory.watch) return widen;
  set_watch(id, watch);
  return true;
}

void WatchTable::set_watch(std::uint32_t id, int watch) {
  drop_watch(id);
  Directory& directory = directories_[id];
  unwatched_ -= std::exchange(directory.refused, false) ? 1 : 0;
  directory.watch = watch;
  by_watch_.emplace(watch, id);
  remote_ -= directory.remote ? 1 : 0;
  directory.remote = is_remote(directory.path);
  remote_ += directory.remote ? 1 : 0;
}

void WatchTable::drop_watch(std::uint32_t id) {
  const int watch = std::exchange(directories_[id].watch, -1);
  if (watch < 0) return;
  const auto [first, last] = by_watch_.equal_range(watch);
  const auto place = std::find_if(first, last, [id](const auto& entry) { return entry.second == id; });
  if (place != last) by_watch_.erase(place);
  if (!by_watch_.contains(watch)) inotify_.remove(watch);
}

void WatchTable::note_refusal(Directory& directory, int error) {
  // What is not there is no fault: its parent tells when it comes.
  if (error == ENOENT || error == ENOTDIR) {
    unwatched_ -= std::exchange(directory.refused, false) ? 1 : 0;
    return;
  }
  exhausted_ |= error == ENOSPC;
  last_refusal_ = error;
  unwatched_ += std::exchange(directory.refused, true) ? 0 : 1;
}

}  // namespace arbortls::watch
