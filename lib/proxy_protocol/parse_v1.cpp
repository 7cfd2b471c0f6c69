#include "proxy_protocol/parse_v1.hpp"

#include "proxy_protocol/address_form.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

namespace arbortls::proxy_protocol {
namespace {

constexpr std::string_view opening = "PROXY ";

ParseResult bad(const char* reason) noexcept {
  ParseResult out;
  out.status = ParseStatus::bad;
  out.reason = reason;
  return out;
}

constexpr const char* protocol_fault = "the protocol is none of TCP4, TCP6 and UNKNOWN";
constexpr const char* separator_fault = "fields must be separated by exactly one space";

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint32_t port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

std::optional<Address> parse_address(std::string_view text, int family, std::uint16_t port) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  std::array<std::uint8_t, 16> ip{};
  if (text.size() >= terminated.size() || text.find('\0') != text.npos) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated.begin());
  if (::inet_pton(family, terminated.data(), ip.data()) != 1) return std::nullopt;
  return family == AF_INET ? make_ipv4(ip.data(), port) : make_ipv6(ip.data(), port);
}

struct Fields {
  std::array<std::string_view, 4> text;  // source, destination, source port, destination port
  std::size_t count = 0;                 // 5: more than there may be
};

Fields split(std::string_view line) noexcept {
  Fields out;
  while (true) {
    const std::size_t space = line.find(' ');
    if (out.count == out.text.size()) return Fields{out.text, 5};
    out.text[out.count++] = line.substr(0, space);
    if (space == std::string_view::npos) return out;
    line.remove_prefix(space + 1);
  }
}

const char* field_fault(const Fields& fields, std::size_t i, int family) noexcept {
  const std::string_view text = fields.text[i];
  if (text.empty()) return separator_fault;
  if (i < 2) return parse_address(text, family, 0) ? nullptr : "an address is not of the family named";
  return parse_port(text) ? nullptr : "a port is not a decimal number from 0 to 65535";
}

// The first fault of the fields that are whole: all of them, or all but the last while more may come.
const char* fault(const Fields& fields, int family, bool finished) noexcept {
  if (fields.count > 4) return separator_fault;
  for (std::size_t i = 0; i + (finished ? 0 : 1) < fields.count; ++i) {
    if (const char* reason = field_fault(fields, i, family)) return reason;
  }
  return finished && fields.count < 4 ? "an address or a port is missing" : nullptr;
}

// Whether a field that is not whole yet may still become one.
bool may_grow(const Fields& fields, int family) noexcept {
  const std::size_t last = fields.count - 1;
  const std::string_view text = fields.text[last];
  if (last >= 2) return text.empty() || parse_port(text).has_value();
  const std::string_view allowed = family == AF_INET ? "0123456789." : "0123456789abcdefABCDEF:.";
  return text.size() < INET6_ADDRSTRLEN && text.find_first_not_of(allowed) == std::string_view::npos;
}

// `line` is what follows "PROXY TCP4 " or "PROXY TCP6 ", without the line's end.
ParseResult parse_addresses(std::string_view line, int family) noexcept {
  const Fields fields = split(line);
  if (const char* reason = fault(fields, family, true)) return bad(reason);
  ParseResult out;
  out.status = ParseStatus::complete;
  out.header.source = parse_address(fields.text[0], family, *parse_port(fields.text[2]));
  out.header.destination = parse_address(fields.text[1], family, *parse_port(fields.text[3]));
  return out;
}

ParseResult parse_line(std::string_view line) noexcept {
  line.remove_prefix(opening.size());
  if (line.starts_with("TCP4 ")) return parse_addresses(line.substr(5), AF_INET);
  if (line.starts_with("TCP6 ")) return parse_addresses(line.substr(5), AF_INET6);
  if (line != "UNKNOWN" && !line.starts_with("UNKNOWN ")) {
    return bad(protocol_fault);
  }
  ParseResult out;
  out.status = ParseStatus::complete;
  return out;
}

bool may_open(std::string_view bytes, std::string_view whole) noexcept {
  const std::size_t size = std::min(bytes.size(), whole.size());
  return bytes.substr(0, size) == whole.substr(0, size);
}

// What cannot become a header by any bytes to come is refused before they come.
ParseResult parse_unfinished(std::string_view bytes) noexcept {
  if (bytes.size() >= max_v1_size) return bad("no line end within 107 bytes");
  if (may_open(bytes, "PROXY UNKNOWN ")) return {};
  const bool ipv4 = may_open(bytes, "PROXY TCP4 ");
  if (!ipv4 && !may_open(bytes, "PROXY TCP6 ")) return bad(protocol_fault);
  constexpr std::size_t fields_at = 11;
  if (bytes.size() <= fields_at) return {};
  const int family = ipv4 ? AF_INET : AF_INET6;
  const Fields fields = split(bytes.substr(fields_at));
  if (const char* reason = fault(fields, family, false)) return bad(reason);
  return may_grow(fields, family) ? ParseResult{} : bad("a byte that no address or port has");
}

}  // namespace

ParseResult parse_v1(std::string_view bytes) noexcept {
  const std::string_view window = bytes.substr(0, max_v1_size);
  const std::size_t end = window.find_first_of("\r\n");
  if (end == std::string_view::npos) return parse_unfinished(window);
  if (window[end] == '\n') return bad("the line does not end in CR LF");
  if (end + 1 == window.size() && window.size() == max_v1_size) {
    return bad("no line end within 107 bytes");
  }
  if (end + 1 < window.size() && window[end + 1] != '\n') return bad("the line does not end in CR LF");
  if (end <= opening.size()) return bad("the protocol is missing");
  ParseResult out = parse_line(window.substr(0, end));
  if (out.status != ParseStatus::complete) return out;
  if (end + 1 == window.size()) return {};
  out.size = end + 2;
  return out;
}

}  // namespace arbortls::proxy_protocol
