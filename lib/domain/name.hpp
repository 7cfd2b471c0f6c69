#pragma once
// Host names as the domain tree uses them (RFC 1123 letters, digits, hyphens, plus underscores;
// RFC 6066 server names). Knows no tree, no certificate, no socket.

#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace arbortls::domain {

enum class NameKind { none, ip_literal, illegal, legal };

// A name as a peer sent it, normalized in place: lower case, one trailing dot dropped, A-labels as
// they are. Lives on the stack; making one allocates nothing.
class ServerName {
 public:
  ServerName() = default;  // kind none: no name was sent
  explicit ServerName(std::string_view raw) noexcept;

  NameKind kind() const noexcept { return kind_; }
  // The normalized name when kind() is legal, else "".
  std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 253> text_{};
  std::size_t size_ = 0;
  NameKind kind_ = NameKind::none;
};

// For configuration: the normalized name, or an error that says which rule it breaks and how to mend it
// (wildcards, IP addresses, empty labels, labels over 63, names over 253, characters that need A-labels).
Result<std::string> parse_name(std::string_view text);

// "a.b.c" -> "b.c"; "c" -> "".
std::string_view drop_label(std::string_view name) noexcept;

// The RFC 6125 rule as browsers apply it: `pattern` is a lower-case SAN dNSName; a `*` stands for exactly
// one whole leftmost label. `name` is normalized. A pattern with a NUL never matches.
bool covers(std::string_view pattern, std::string_view name) noexcept;

}  // namespace arbortls::domain
