#include "hook/rate_limit.hpp"

namespace arbortls::hook {

bool RateLimit::pass(const std::string& key, Clock::time_point now) {
  while (!passed_.empty() && passed_.front().first + span_ <= now) {
    const auto oldest = counts_.find(passed_.front().second);
    if (--oldest->second == 0) counts_.erase(oldest);
    passed_.pop_front();
  }
  std::size_t& count = counts_[key];
  if (count >= most_) return false;
  ++count;
  passed_.emplace_back(now, key);
  return true;
}

}  // namespace arbortls::hook
