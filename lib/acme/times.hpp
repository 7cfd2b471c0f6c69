#pragma once
// Dates as HTTP (RFC 9110, 5.6.7) and JSON (RFC 3339) write them, to and from Unix seconds.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arbortls::acme {

// All three forms of RFC 9110. Nothing for any other text.
std::optional<std::int64_t> parse_http_date(std::string_view text);

// With any offset from UTC; fractions of a second are dropped. Nothing for any other text.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// "2026-11-21T12:00:00Z"
std::string to_rfc3339(std::int64_t unix_time);

}  // namespace arbortls::acme
