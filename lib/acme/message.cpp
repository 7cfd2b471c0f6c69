#include "acme/message.hpp"

#include "acme/times.hpp"

#include <algorithm>
#include <charconv>

namespace arbortls::acme {
namespace {

constexpr std::string_view white = " \t";

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(white), text.size()));
  return text.substr(0, text.find_last_not_of(white) + 1);
}

std::optional<std::int64_t> seconds_of(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return read.ec == std::errc() ? seconds : longest_retry_after;
}

// Behind a `"`: to the next one that is not escaped. Else to the next of `ends`.
std::string take_value(std::string_view& rest, std::string_view ends) {
  std::string value;
  if (!rest.starts_with('"')) {
    const auto end = std::min(rest.find_first_of(ends), rest.size());
    value = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return value;
  }
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
    value += rest.front();
    rest.remove_prefix(1);
  }
  rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
  return value;
}

// A relation may be several, with spaces between (RFC 8288, 3.3).
bool holds_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (equal_ignoring_case(words.substr(0, end), wanted)) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

// The parameters up to the next link; true if they name the relation.
bool take_relation(std::string_view& rest, std::string_view relation) {
  bool found = false;
  bool known = false;
  while (!rest.empty() && rest.front() != ',') {
    if (rest.front() != ';') {
      rest.remove_prefix(1);
      continue;
    }
    rest.remove_prefix(1);
    const auto end = std::min(rest.find_first_of("=;,"), rest.size());
    const auto name = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    if (!rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(white), rest.size()));
    const auto value = take_value(rest, ";,");
    // Only the first of its name counts (RFC 8288, 3.3).
    if (!known && equal_ignoring_case(name, "rel")) {
      known = true;
      found = holds_word(value, relation);
    }
  }
  return found;
}

void add_links(std::vector<std::string>& found, std::string_view rest, std::string_view relation) {
  for (;;) {
    const auto begin = rest.find('<');
    if (begin == std::string_view::npos) return;
    const auto end = rest.find('>', begin);
    if (end == std::string_view::npos) return;
    const auto target = rest.substr(begin + 1, end - begin - 1);
    rest.remove_prefix(end + 1);
    if (take_relation(rest, relation)) found.emplace_back(target);
  }
}

}  // namespace

std::string_view Reply::header(std::string_view name) const noexcept {
  const auto found = std::find_if(headers.begin(), headers.end(), [name](const auto& header) {
    return equal_ignoring_case(header.first, name);
  });
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<std::int64_t> retry_at(const Reply& reply, std::int64_t now) {
  const auto text = trim(reply.header("Retry-After"));
  auto at = seconds_of(text);
  if (at) {
    at = now + std::min(*at, longest_retry_after);
  } else {
    at = parse_http_date(text);
  }
  if (!at) return std::nullopt;
  return std::clamp(*at, now, now + longest_retry_after);
}

std::vector<std::string> links(const Reply& reply, std::string_view relation) {
  std::vector<std::string> found;
  for (const auto& [name, value] : reply.headers) {
    if (equal_ignoring_case(name, "Link")) add_links(found, value, relation);
  }
  return found;
}

}  // namespace arbortls::acme
