#pragma once
// base64url without padding (RFC 4648, 5; RFC 7515, 2).

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace arbortls::acme {

std::string base64url(std::span<const unsigned char> bytes);
std::string base64url(std::string_view bytes);

// Padding may be there or not. Nothing for any other character, or a length that cannot be.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace arbortls::acme
