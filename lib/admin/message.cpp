#include "admin/message.hpp"

#include <optional>

namespace arbortls::admin {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      if (i + 2 >= text.size()) return error("a percent sign needs two hexadecimal digits");
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return error("a percent sign needs two hexadecimal digits");
      decoded += static_cast<char>(*high * 16 + *low);
      if (decoded.back() == '\0') return error("an encoded NUL is not allowed");
      i += 2;
    }
  }
  return decoded;
}

Result<std::map<std::string, std::string>> parse_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto field = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (field.empty()) continue;
    const auto equals = field.find('=');
    auto key = percent_decode(field.substr(0, equals), true);
    if (!key) return key.error();
    auto value = percent_decode(
        equals == std::string_view::npos ? std::string_view{} : field.substr(equals + 1), true);
    if (!value) return value.error();
    query.emplace(std::move(*key), std::move(*value));
  }
  return query;
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return error("the target has to begin with a slash");
  target = target.substr(0, target.find('#'));
  const auto mark = target.find('?');
  auto path = percent_decode(target.substr(0, mark), false);
  if (!path) return path.error();
  auto query =
      parse_query(mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1));
  if (!query) return query.error();
  return Target{std::move(*path), std::move(*query)};
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      encoded += c;
    } else {
      encoded += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace arbortls::admin
