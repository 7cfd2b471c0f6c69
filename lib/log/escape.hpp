#pragma once
// Makes bytes from outside safe to show: control characters (C0, DEL, C1), line and paragraph separators,
// bidirectional overrides, quotes, backslashes and invalid UTF-8 (RFC 3629) become escape sequences.

#include <cstddef>
#include <string>
#include <string_view>

namespace arbortls::log {

inline constexpr std::size_t max_value_bytes = 1024;

enum class Escaping {
  text,  // invalid bytes as \xNN
  json   // RFC 8259: invalid bytes as \ufffd
};

// Appends at most max_value_bytes of `bytes`, cut between characters, with `…` after what was cut.
void append_escaped(std::string& out, std::string_view bytes, Escaping escaping);

// Whether `bytes` can stand in a text line without quotes: not empty, nothing to escape, no space, no `=`.
bool is_plain(std::string_view bytes) noexcept;

}  // namespace arbortls::log
