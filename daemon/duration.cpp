#include "daemon/duration.hpp"

#include <charconv>
#include <cstdint>
#include <string>

namespace arbortls::daemon {
namespace {

std::int64_t seconds_in(std::string_view unit) {
  if (unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  if (unit == "d") return 86'400;
  if (unit == "w") return 7 * 86'400;
  return 0;
}

}  // namespace

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  constexpr std::int64_t longest = 1000ll * 366 * 86'400;
  std::uint32_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<std::size_t>(end - text.data());
  const auto unit = seconds_in(text.substr(used));
  if (code != std::errc{} || unit == 0 || number * unit > longest)
    return error('\'' + std::string(text) + "' is not a time such as 14d, 36h or 90m");
  return std::chrono::seconds(number * unit);
}

}  // namespace arbortls::daemon
