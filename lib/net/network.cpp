#include "net/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace arbortls::net {
namespace {

constexpr int mapped_bits = 96;

// The first `prefix` bits of `bytes`, the others zero.
std::array<std::uint8_t, 16> masked(std::array<std::uint8_t, 16> bytes, int prefix) noexcept {
  for (int i = 0; i < 16; ++i) {
    const int keep = std::clamp(prefix - 8 * i, 0, 8);
    auto& byte = bytes[static_cast<std::size_t>(i)];
    byte = static_cast<std::uint8_t>(byte & (0xff00 >> keep));
  }
  return bytes;
}

// -1 unless 0..limit in canonical decimals.
int parse_prefix(std::string_view text, int limit) noexcept {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return -1;
  int out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    out = out * 10 + (c - '0');
  }
  return out <= limit ? out : -1;
}

}  // namespace

Result<Network> Network::parse(std::string_view text) {
  const std::string shown = "\"" + std::string(text) + "\" ";
  const std::size_t slash = text.find('/');
  const std::string ip(text.substr(0, slash));
  Network out;
  const bool nul = ip.find('\0') != std::string::npos;
  const bool ipv4 = !nul && ::inet_pton(AF_INET, ip.c_str(), out.bytes_.data() + 12) == 1;
  if (ipv4) {
    out.bytes_[10] = out.bytes_[11] = 0xff;
  } else if (nul || ::inet_pton(AF_INET6, ip.c_str(), out.bytes_.data()) != 1) {
    return error(shown + "is no IP address or network; write one such as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32");
  }
  if (slash == std::string_view::npos) return out;
  const int limit = ipv4 ? 32 : 128;
  const int prefix = parse_prefix(text.substr(slash + 1), limit);
  if (prefix < 0) {
    return error(shown + "needs a prefix length from 0 to " + std::to_string(limit) + " after its slash");
  }
  out.prefix_ = ipv4 ? prefix + mapped_bits : prefix;
  if (masked(out.bytes_, out.prefix_) != out.bytes_) {
    return error(shown + "has bits set beyond its prefix of " + std::to_string(prefix) +
                 "; set them to zero, or leave out the prefix to mean the one address");
  }
  return out;
}

bool Network::contains(const Address& address) const noexcept {
  return address.is_ip() && masked(address.ip_bytes(), prefix_) == bytes_;
}

Result<AddressSet> AddressSet::parse(const std::vector<std::string>& texts) {
  AddressSet out;
  for (const std::string& text : texts) {
    if (const Result<void> added = out.add(text); added.has_error()) return added.error();
  }
  return out;
}

Result<void> AddressSet::add(std::string_view text) {
  if (text == "unix") {
    unix_ = true;
    return {};
  }
  Result<Network> network = Network::parse(text);
  if (network.has_error()) return network.error();
  networks_.push_back(*network);
  return {};
}

bool AddressSet::contains(const Address& address) const noexcept {
  if (address.is_unix()) return unix_;
  return std::any_of(networks_.begin(), networks_.end(),
                     [&address](const Network& network) { return network.contains(address); });
}

}  // namespace arbortls::net
