#pragma once
// Times as they are written on the command line.

#include "base/result.hpp"

#include <chrono>
#include <string_view>

namespace arbortls::daemon {

// A whole number and one of s, m, h, d, w; at most 1,000 years.
Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace arbortls::daemon
