#include "log/escape.hpp"

#include <cstdint>

namespace arbortls::log {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

bool is_continuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

std::size_t expected_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

Character decode(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes.front());
  const std::size_t length = expected_length(lead);
  if (length <= 1) return {lead, length};
  if (bytes.size() < length) return {};
  std::uint32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (!is_continuation(byte)) return {};
    code = (code << 6U) | (byte & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return {};
  return {code, length};
}

bool is_unsafe(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == '"' || code == '\\' ||
         (code >= 0x200E && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

void append_hex(std::string& out, std::uint32_t code, unsigned digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  while (digits-- > 0) out += alphabet[(code >> (4 * digits)) & 0xFU];
}

void append_escape(std::string& out, std::uint32_t code) {
  switch (code) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u";
      append_hex(out, code, 4);
  }
}

void append_invalid(std::string& out, char byte, Escaping escaping) {
  if (escaping == Escaping::json) {
    out += "\\ufffd";
    return;
  }
  out += "\\x";
  append_hex(out, static_cast<unsigned char>(byte), 2);
}

}  // namespace

void append_escaped(std::string& out, std::string_view bytes, Escaping escaping) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const Character next = decode(bytes.substr(at));
    const std::size_t length = next.length == 0 ? 1 : next.length;
    if (at + length > max_value_bytes) {
      out += "…";
      return;
    }
    if (next.length == 0) append_invalid(out, bytes[at], escaping);
    else if (is_unsafe(next.code)) append_escape(out, next.code);
    else out += bytes.substr(at, length);
    at += length;
  }
}

bool is_plain(std::string_view bytes) noexcept {
  if (bytes.empty()) return false;
  for (std::size_t at = 0; at < bytes.size();) {
    const Character next = decode(bytes.substr(at));
    if (next.length == 0 || is_unsafe(next.code) || next.code == ' ' || next.code == '=') return false;
    at += next.length;
  }
  return true;
}

}  // namespace arbortls::log
