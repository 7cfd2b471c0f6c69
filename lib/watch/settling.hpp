#pragma once
// Debounce: which paths are to be reported now, and which wait until they have been quiet for a while.
// One event costs O(1), its first O(log waiting). Takes the time; has no clock.

#include "watch/watcher.hpp"

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace arbortls::watch {

class Settling {
 public:
  explicit Settling(Clock::duration settle) : settle_(settle) {}

  void at_once(const std::string& path);
  // Each further call puts the report off, up to ten times the settling time after the first.
  void when_quiet(const std::string& path, Clock::time_point now);
  // What is to be reported at `now`, without repeats.
  std::vector<std::string> take(Clock::time_point now);
  void clear();
  // time_point::max() when nothing waits.
  Clock::time_point next_deadline() const noexcept;

 private:
  struct Waiting {
    Clock::time_point due;
    Clock::time_point latest;
  };

  Clock::duration settle_;
  std::unordered_set<std::string> ready_;
  std::unordered_map<std::string, Waiting> waiting_;
  // One for each in waiting_, and for some gone from it: when to look at the path again.
  std::multimap<Clock::time_point, std::string> turns_;
};

}  // namespace arbortls::watch
