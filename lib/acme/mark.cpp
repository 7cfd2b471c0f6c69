#include "acme/mark.hpp"

#include "acme/times.hpp"

#include <algorithm>

namespace arbortls::acme {
namespace {

constexpr std::string_view acme_line = "automatic=acme";
constexpr std::string_view local_ca_line = "automatic=local-ca";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string one_line(std::string_view text) {
  std::string line(text);
  std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return line;
}

// Without its end; the rest moves on behind it.
std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_blank(std::string_view line) noexcept {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

void read_field(Mark& mark, std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return;
  const auto key = line.substr(0, equals);
  const auto value = line.substr(equals + 1);
  if (key == "issuer") mark.issuer = value;
  if (key == "account") mark.account = value;
  if (key == "issued") mark.issued = parse_rfc3339(value).value_or(0);
  if (key == "renew") mark.renew = parse_rfc3339(value).value_or(0);
}

}  // namespace

std::string to_text(const Mark& mark) {
  std::string text(mark.by == Automatic::acme ? acme_line : local_ca_line);
  text += "\nissuer=" + one_line(mark.issuer);
  text += "\naccount=" + one_line(mark.account);
  text += "\nissued=" + to_rfc3339(mark.issued);
  return text + "\nrenew=" + to_rfc3339(mark.renew) + "\n";
}

std::optional<Mark> read_mark(std::string_view pem) {
  if (pem.starts_with(byte_order_mark)) pem.remove_prefix(byte_order_mark.size());
  std::string_view line;
  while (!pem.empty() && is_blank(line)) line = take_line(pem);
  Mark mark;
  if (line == local_ca_line) {
    mark.by = Automatic::local_ca;
  } else if (line != acme_line) {
    return std::nullopt;
  }
  while (!pem.empty()) {
    line = take_line(pem);
    if (line.starts_with("-----BEGIN")) break;
    read_field(mark, line);
  }
  return mark;
}

}  // namespace arbortls::acme
