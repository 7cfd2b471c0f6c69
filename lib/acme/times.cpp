#include "acme/times.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <vector>

namespace arbortls::acme {
namespace {

struct Clock {
  int hour = 0, minute = 0, second = 0;
};

// Nothing unless all of `text` is a number of at most six digits.
std::optional<int> number(std::string_view text) {
  int value = 0;
  if (text.empty() || text.size() > 6 ||
      text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<unsigned> month_of(std::string_view text) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::find(months.begin(), months.end(), text);
  if (found == months.end()) return std::nullopt;
  return static_cast<unsigned>(found - months.begin()) + 1;
}

// A leap second counts as the one before it.
std::optional<std::int64_t> unix_time(int year, unsigned month, int day, const Clock& clock) {
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || year < 1970 || year > 9999 || clock.hour > 23 || clock.minute > 59 ||
      clock.second > 60) {
    return std::nullopt;
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return std::int64_t{days} * 86400 + clock.hour * 3600 + clock.minute * 60 +
         std::min(clock.second, 59);
}

std::optional<Clock> clock_of(std::string_view hour, std::string_view minute,
                              std::string_view second) {
  const auto h = number(hour);
  const auto m = number(minute);
  const auto s = number(second);
  if (!h || !m || !s) return std::nullopt;
  return Clock{*h, *m, *s};
}

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view between = " ,-:";
  std::vector<std::string_view> words;
  while (words.size() < 9) {
    text.remove_prefix(std::min(text.find_first_not_of(between), text.size()));
    if (text.empty()) break;
    const auto end = std::min(text.find_first_of(between), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

// RFC 850 writes two digits: RFC 9110 wants no date taken for one more than 50 years ahead.
int full_year(int year, std::size_t digits) {
  if (digits > 2) return year;
  return year + (year < 70 ? 2000 : 1900);
}

// Seconds east of UTC; nothing unless "Z", "+hh:mm" or "-hh:mm".
std::optional<int> offset_of(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  const auto clock = clock_of(zone.substr(1, 2), zone.substr(4, 2), "0");
  if (!clock || clock->hour > 23 || clock->minute > 59) return std::nullopt;
  const int seconds = clock->hour * 3600 + clock->minute * 60;
  return zone[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  auto words = words_of(text);
  // "Sun Nov  6 08:49:37 1994" is brought into the order of "Sun, 06 Nov 1994 08:49:37 GMT".
  if (words.size() == 7)
    words = {words[0], words[2], words[1], words[6], words[3], words[4], words[5], "GMT"};
  if (words.size() != 8 || words[7] != "GMT") return std::nullopt;
  const auto day = number(words[1]);
  const auto month = month_of(words[2]);
  const auto year = number(words[3]);
  const auto clock = clock_of(words[4], words[5], words[6]);
  if (!day || !month || !year || !clock) return std::nullopt;
  return unix_time(full_year(*year, words[3].size()), *month, *day, *clock);
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' ||
      std::string_view("Tt ").find(text[10]) == std::string_view::npos) {
    return std::nullopt;
  }
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  const auto clock = clock_of(text.substr(11, 2), text.substr(14, 2), text.substr(17, 2));
  auto zone = text.substr(19);
  if (zone.front() == '.') {
    const auto end = std::min(zone.find_first_not_of("0123456789", 1), zone.size());
    if (end == 1) return std::nullopt;
    zone.remove_prefix(end);
  }
  const auto offset = offset_of(zone);
  if (!year || !month || !day || !clock || !offset) return std::nullopt;
  const auto local = unix_time(*year, static_cast<unsigned>(*month), *day, *clock);
  if (!local) return std::nullopt;
  return *local - *offset;
}

std::string to_rfc3339(std::int64_t unix_time) {
  const std::time_t seconds = unix_time;
  std::tm parts{};
  char text[40] = {};
  if (gmtime_r(&seconds, &parts) == nullptr) return {};
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace arbortls::acme
