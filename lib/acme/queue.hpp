#pragma once
// Queue: which certificate to order next. The most urgent of those that are due goes first: nothing
// of its own served yet, then expired, then the least time left; equals by how long they have been
// due, so that one that fails again and again stands behind the others. Each call costs O(log n).
// One thread. Times are Unix seconds.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace arbortls::acme {

struct Want {
  std::string account;  // whose pauses hold it, such as the directory's URL
  // Of the domain's own certificate that is served; none: it has none.
  std::optional<std::int64_t> not_after;
  std::int64_t due = 0;  // the later of its renewal time and Backoff::next_try
};

class Queue {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  explicit Queue(std::size_t most_at_once = 20) : most_at_once_(most_at_once) {}

  // Adds `name` or changes what is wanted; one in progress stays so, and comes back with the latest
  // want at finish().
  void put(const std::string& name, Want want);
  // Also one in progress, whose finish() then does nothing.
  void remove(const std::string& name);

  // The next to begin at `now`, from here on in progress until finish(); nothing where no place is
  // free or none is due.
  std::optional<std::string> next(std::int64_t now);
  // Ends being in progress: the place is free. It is wanted again only by a put() since next().
  void finish(const std::string& name);

  // Nothing of this account begins before `until`: a rate limit that names no domain, a budget used
  // up, a CA that is down. An earlier end than the one known is ignored unless it is 0, which ends
  // the pause.
  void pause(const std::string& account, std::int64_t until);
  // 0: not paused.
  std::int64_t paused_until(const std::string& account) const;

  // When next() will have something without any other call: `now` or later; `never` where it takes
  // a put() or a finish().
  std::int64_t next_at(std::int64_t now) const;

  std::size_t size() const noexcept { return entries_.size(); }
  std::size_t in_progress() const noexcept { return in_progress_; }

 private:
  using Urgency = std::tuple<std::int64_t, std::int64_t, std::string>;  // not_after, due, name
  struct Lane {
    std::int64_t paused_until = 0;
    std::set<std::pair<std::int64_t, std::string>> waiting;  // by due
    std::set<Urgency> ready;
  };
  enum class Stage { waiting, ready, in_progress };
  struct Entry {
    Want want;
    Stage stage = Stage::waiting;
    bool again = false;  // put() while in progress
  };

  void line_up(const std::string& name, Entry& entry);
  void step_out(const std::string& name, const Entry& entry);
  void ripen(Lane& lane, std::int64_t now);
  static Urgency urgency(const std::string& name, const Want& want);

  std::size_t most_at_once_;
  std::size_t in_progress_ = 0;
  std::unordered_map<std::string, Entry> entries_;
  std::map<std::string, Lane> lanes_;  // by account
};

}  // namespace arbortls::acme
