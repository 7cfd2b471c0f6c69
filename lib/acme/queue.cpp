#include "acme/queue.hpp"

#include <algorithm>
#include <tuple>

namespace arbortls::acme {
namespace {

// What is served is of another name or the default certificate: nothing is more urgent.
constexpr std::int64_t nothing_served = std::numeric_limits<std::int64_t>::min();

}  // namespace

void Queue::put(const std::string& name, Want want) {
  Entry& entry = entries_[name];
  if (entry.stage == Stage::in_progress) {
    entry.want = std::move(want);
    entry.again = true;
    return;
  }
  step_out(name, entry);
  entry.want = std::move(want);
  line_up(name, entry);
}

void Queue::remove(const std::string& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return;
  if (found->second.stage == Stage::in_progress) --in_progress_;
  step_out(name, found->second);
  entries_.erase(found);
}

std::optional<std::string> Queue::next(std::int64_t now) {
  if (in_progress_ >= most_at_once_) return std::nullopt;
  Lane* most_urgent = nullptr;
  for (auto& [account, lane] : lanes_) {
    if (lane.paused_until > now) continue;
    ripen(lane, now);
    if (lane.ready.empty()) continue;
    if (most_urgent == nullptr || *lane.ready.begin() < *most_urgent->ready.begin()) {
      most_urgent = &lane;
    }
  }
  if (most_urgent == nullptr) return std::nullopt;
  std::string name = std::get<std::string>(*most_urgent->ready.begin());
  Entry& entry = entries_.at(name);
  step_out(name, entry);
  entry.stage = Stage::in_progress;
  entry.again = false;
  ++in_progress_;
  return name;
}

void Queue::finish(const std::string& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end() || found->second.stage != Stage::in_progress) return;
  --in_progress_;
  if (found->second.again) return line_up(name, found->second);
  entries_.erase(found);
}

void Queue::pause(const std::string& account, std::int64_t until) {
  std::int64_t& end = lanes_[account].paused_until;
  end = until == 0 ? 0 : std::max(end, until);
}

std::int64_t Queue::paused_until(const std::string& account) const {
  const auto found = lanes_.find(account);
  return found == lanes_.end() ? 0 : found->second.paused_until;
}

std::int64_t Queue::next_at(std::int64_t now) const {
  if (in_progress_ >= most_at_once_) return never;
  std::int64_t soonest = never;
  for (const auto& [account, lane] : lanes_) {
    if (lane.ready.empty() && lane.waiting.empty()) continue;
    const std::int64_t due = lane.ready.empty() ? lane.waiting.begin()->first : now;
    soonest = std::min(soonest, std::max({now, due, lane.paused_until}));
  }
  return soonest;
}

void Queue::line_up(const std::string& name, Entry& entry) {
  entry.stage = Stage::waiting;
  lanes_[entry.want.account].waiting.emplace(entry.want.due, name);
}

void Queue::step_out(const std::string& name, const Entry& entry) {
  const auto lane = lanes_.find(entry.want.account);
  if (lane == lanes_.end()) return;
  if (entry.stage == Stage::waiting) lane->second.waiting.erase({entry.want.due, name});
  if (entry.stage == Stage::ready) lane->second.ready.erase(urgency(name, entry.want));
}

void Queue::ripen(Lane& lane, std::int64_t now) {
  while (!lane.waiting.empty() && lane.waiting.begin()->first <= now) {
    const auto due = lane.waiting.extract(lane.waiting.begin());
    const std::string& name = due.value().second;
    Entry& entry = entries_.at(name);
    entry.stage = Stage::ready;
    lane.ready.insert(urgency(name, entry.want));
  }
}

Queue::Urgency Queue::urgency(const std::string& name, const Want& want) {
  return {want.not_after.value_or(nothing_served), want.due, name};
}

}  // namespace arbortls::acme
