#include "load/latencies.hpp"

#include <algorithm>
#include <cmath>

namespace arbortls::bench {
namespace {

// Nearest rank: the smallest value that at least `share` of all values do not exceed.
double percentile_us(const std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return static_cast<double>(sorted[index]) / 1e3;
}

}  // namespace

boost::json::object Latencies::summary() {
  std::sort(nanoseconds_.begin(), nanoseconds_.end());
  return {{"p50_us", percentile_us(nanoseconds_, 0.5)},
          {"p99_us", percentile_us(nanoseconds_, 0.99)},
          {"p999_us", percentile_us(nanoseconds_, 0.999)},
          {"max_us", percentile_us(nanoseconds_, 1.0)}};
}

}  // namespace arbortls::bench
