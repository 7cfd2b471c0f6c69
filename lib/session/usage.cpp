#include "session/usage.hpp"

#include <algorithm>
#include <iterator>

namespace arbortls::session {

std::shared_ptr<Usage> UsageTable::of(std::string_view holder) {
  Part& part = parts_[Hash{}(holder) % parts_.size()];
  const std::lock_guard lock(part.mutex);
  if (const auto found = part.usages.find(holder); found != part.usages.end()) return found->second;
  if (part.usages.size() >= part.sweep_at) sweep(part);
  return part.usages.emplace(holder, std::make_shared<Usage>()).first->second;
}

// Copies are made under the lock only, so what nobody else has stays so.
void UsageTable::sweep(Part& part) {
  std::erase_if(part.usages, [](const auto& entry) { return entry.second.use_count() == 1; });
  part.sweep_at = std::max<std::size_t>(64, 2 * part.usages.size());
}

Held UsageTable::take(const tls::SetLimit& limit, Usage::Count Usage::*what) {
  // A space makes it the name of no domain.
  const auto usage = of(limit.of_listener ? "listener " + std::string(limit.holder) : std::string(limit.holder));
  Usage::Count& count = (*usage).*what;
  count.most.store(limit.most, std::memory_order_relaxed);
  if (!count.used.add_up_to(limit.most)) {
    usage->refused.add();
    return Held();
  }
  return Held(std::shared_ptr<metrics::Gauge>(usage, &count.used));
}

std::vector<UsageTable::Row> UsageTable::rows() const {
  std::vector<Row> rows;
  for (const Part& part : parts_) {
    const std::lock_guard lock(part.mutex);
    for (const auto& [holder, usage] : part.usages) rows.push_back({holder, usage});
  }
  return rows;
}

}  // namespace arbortls::session
