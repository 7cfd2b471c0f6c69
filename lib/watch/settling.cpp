#include "watch/settling.hpp"

#include <algorithm>
#include <utility>

namespace arbortls::watch {
namespace {

constexpr int longest_in_settles = 10;

}  // namespace

void Settling::at_once(const std::string& path) {
  waiting_.erase(path);
  ready_.insert(path);
}

void Settling::when_quiet(const std::string& path, Clock::time_point now) {
  const auto [place, fresh] = waiting_.try_emplace(path, Waiting{now + settle_, now + settle_ * longest_in_settles});
  if (fresh) turns_.emplace(place->second.due, path);
  else place->second.due = std::min(now + settle_, place->second.latest);
}

std::vector<std::string> Settling::take(Clock::time_point now) {
  while (!turns_.empty() && turns_.begin()->first <= now) {
    auto turn = turns_.extract(turns_.begin());
    const auto place = waiting_.find(turn.mapped());
    if (place == waiting_.end()) continue;
    if (place->second.due <= now) {
      ready_.insert(turn.mapped());
      waiting_.erase(place);
    } else {
      turn.key() = place->second.due;  // put off since
      turns_.insert(std::move(turn));
    }
  }
  std::vector<std::string> paths(ready_.begin(), ready_.end());
  ready_.clear();
  return paths;
}

void Settling::clear() {
  ready_.clear();
  waiting_.clear();
  turns_.clear();
}

Clock::time_point Settling::next_deadline() const noexcept {
  if (!ready_.empty()) return Clock::time_point::min();
  return turns_.empty() ? Clock::time_point::max() : turns_.begin()->first;
}

}  // namespace arbortls::watch
