#pragma once
// The time of day, for what outlives the process: certificates' dates, tickets, log of reloads. Whatever measures a
// span uses the steady clock.

#include <cstdint>
#include <ctime>

namespace arbortls {

// Unix seconds.
inline std::int64_t wall_clock() { return static_cast<std::int64_t>(std::time(nullptr)); }

}  // namespace arbortls
