#pragma once
// Which inotify watches exist, for which directories, and which targets (watched paths, by number) depend on which of
// their entries. One event costs a lookup and its answer.

#include "watch/inotify.hpp"
#include "watch/link_chain.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arbortls::watch {

using Target = std::uint32_t;

class WatchTable {
 public:
  explicit WatchTable(bool wanted) : inotify_(wanted) {}

  int descriptor() const noexcept { return inotify_.descriptor(); }
  void drain(const std::function<void(const Event&)>& handle) { inotify_.drain(handle); }

  enum class Refresh {
    moved,    // watches whose path leads to another inode now
    refused,  // those, and the ones that could not be had
    all       // every one: events were lost, an inode may have come back as another directory
  };
  // From here on every directory that follow() meets is looked at again once, and its watch set anew if need be.
  void begin_refresh(Refresh how);

  struct Followed {
    bool moved = false;        // the chain differs from the last time
    bool new_watches = false;  // something may have changed before they stood: resolve and follow again
  };
  // Watches every directory of the chain; with `entries` also the directory at its end.
  Followed follow(Target target, const Chain& chain, bool entries);
  void forget(Target target);

  struct Hit {
    const std::string& directory;              // real path
    const std::vector<Target>& on_chain;       // targets whose chain holds the entry
    const std::vector<Target>& whole;          // targets that are this directory
  };
  // Calls `handle` for each directory behind the event's watch.
  void look_up(const Event& event, const std::function<void(const Hit&)>& handle) const;

  // The kernel gave the watch up, or its directory moved away. Forgets the watch.
  void lose(int watch, bool already_removed);
  // The targets that depend on a directory lost since the last call. Linear in all targets when there is any.
  std::vector<Target> take_orphans();

  std::size_t unwatched() const noexcept { return unwatched_; }
  std::size_t remote() const noexcept { return remote_; }
  int last_refusal() const noexcept { return last_refusal_; }  // errno

 private:
  using Inode = std::pair<std::uint64_t, std::uint64_t>;  // device, number
  struct Directory {
    std::string path;
    Inode inode;
    int watch = -1;
    std::uint32_t uses = 0;
    std::uint32_t refreshed = 0;
    bool content = false;  // entries' content counts too, not only their coming and going
    bool refused = false;
    bool remote = false;
    bool lost = false;
    std::vector<Target> whole;
  };
  struct Step {
    std::uint32_t directory = 0;
    std::uint64_t entry = 0;  // 0: the directory as a whole
    auto operator<=>(const Step&) const = default;
  };

  std::uint32_t intern(const std::string& path);
  void release(std::uint32_t id);
  bool ensure_watch(std::uint32_t id, bool content);
  void set_watch(std::uint32_t id, int watch);
  void drop_watch(std::uint32_t id);
  void note_refusal(Directory& directory, int error);
  std::vector<Step> steps_of(const Chain& chain, bool entries);
  void add(Target target, const Step& step);
  void remove(Target target, const Step& step);

  Inotify inotify_;
  std::uint32_t refresh_ = 1;
  bool renew_ = false;
  bool exhausted_ = false;  // no watch is to be had: do not ask 100,000 times
  std::size_t unwatched_ = 0;
  std::size_t remote_ = 0;
  int last_refusal_ = 0;
  bool any_lost_ = false;
  std::vector<Directory> directories_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::string, std::uint32_t> by_path_;
  std::unordered_multimap<int, std::uint32_t> by_watch_;
  std::unordered_map<std::uint64_t, std::vector<Target>> by_entry_;
  std::vector<std::vector<Step>> steps_;  // by target, sorted
};

}  // namespace arbortls::watch
