#pragma once
// Usage: how much of its own limits each domain or listener that sets some has used up. One count for all names that
// have the limit from there, for all workers, and across reloads.

#include "metrics/counter.hpp"
#include "session/held.hpp"
#include "tls/select.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace arbortls::session {

struct Usage {
  struct Count {
    metrics::Gauge used;
    std::atomic<std::int64_t> most{0};  // as last asked; 0 = not limited here
  };
  Count handshakes;
  Count connections;
  metrics::Counter refused;
};

// Any thread may call. Taking a place locks a part of the table by the holder's name for a look-up; giving it back
// locks nothing, since relay threads do that too. Holders that nobody uses are let go.
class UsageTable {
 public:
  struct Row {
    std::string holder;  // a domain, or "listener NAME"
    std::shared_ptr<const Usage> usage;
  };

  // An empty Held when that many are held already; then it counts the refusal. `limit` has to be one.
  Held take(const tls::SetLimit& limit, Usage::Count Usage::*what);
  std::vector<Row> rows() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct Part {
    mutable std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<Usage>, Hash, std::equal_to<>> usages;
    std::size_t sweep_at = 64;
  };

  std::shared_ptr<Usage> of(std::string_view holder);
  static void sweep(Part& part);

  std::array<Part, 16> parts_;
};

}  // namespace arbortls::session
