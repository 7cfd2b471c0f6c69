#include "server/limits.hpp"

#include "config/describe.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace arbortls::server {
namespace {

constexpr std::size_t most_rows = 20;

std::string count_text(const session::Usage::Count& count) {
  const std::int64_t most = count.most.load(std::memory_order_relaxed);
  if (most == 0) return "not limited";
  return std::to_string(count.used.value()) + " of " + std::to_string(most);
}

}  // namespace

session::AdmissionRules admission_rules(const config::Limits& limits) {
  session::AdmissionRules rules;
  rules.handshakes = limits.handshakes.count;
  rules.address.handshakes = static_cast<std::uint32_t>(limits.handshakes_per_address.count);
  if (const int rate = limits.connections_per_second_per_address.count; rate != 0) {
    rules.address.interval = std::chrono::nanoseconds(std::chrono::seconds(1)) / rate;
    rules.address.burst = rules.address.interval * limits.connection_burst_per_address;
  }
  for (const auto& exempt : limits.exempt) rules.exempt.add(exempt.value);
  return rules;
}

boost::json::array domain_limits_json(const session::UsageTable& usage) {
  auto rows = usage.rows();
  const auto fuller = [](const session::UsageTable::Row& a, const session::UsageTable::Row& b) {
    return a.usage->connections.used.value() > b.usage->connections.used.value();
  };
  const std::size_t shown = std::min(rows.size(), most_rows);
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown), rows.end(), fuller);
  rows.resize(shown);
  boost::json::array all;
  for (const auto& row : rows) {
    all.push_back({{"set_by", row.holder},
                   {"connections", count_text(row.usage->connections)},
                   {"handshakes", count_text(row.usage->handshakes)},
                   {"refused", row.usage->refused.value()}});
  }
  return all;
}

}  // namespace arbortls::server
