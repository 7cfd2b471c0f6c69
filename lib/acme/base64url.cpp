#include "acme/base64url.hpp"

#include "cert/pem_blocks.hpp"

#include <algorithm>

namespace arbortls::acme {

std::string base64url(std::span<const unsigned char> bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = (bits << 8) | (i < count ? bytes[at + i] : 0u);
    for (std::size_t i = 0; i <= count; ++i) text += alphabet[(bits >> (18 - 6 * i)) & 63];
  }
  return text;
}

std::string base64url(std::string_view bytes) {
  return base64url(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string plain(text.substr(0, text.find_last_not_of('=') + 1));
  for (char& c : plain) {
    // The plain alphabet's own two are not of this one, nor is the white space PEM may have.
    if ((c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' &&
        c != '_') {
      return std::nullopt;
    }
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  plain.append((4 - plain.size() % 4) % 4, '=');
  const auto bytes = cert::decode_base64(plain);
  if (!bytes) return std::nullopt;
  return std::string(bytes->begin(), bytes->end());
}

}  // namespace arbortls::acme
