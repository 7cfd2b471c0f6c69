#include "authority/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <tuple>

namespace arbortls::authority {
namespace {

std::vector<unsigned char> mask_of(std::size_t size, int prefix) {
  std::vector<unsigned char> mask(size, 0);
  for (int bit = 0; bit < prefix; ++bit) {
    auto& octet = mask[static_cast<std::size_t>(bit / 8)];
    octet = static_cast<unsigned char>(octet | (0x80U >> (bit % 8)));
  }
  return mask;
}

std::vector<unsigned char> address_of(const std::string& text) {
  std::vector<unsigned char> address(4);
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) return address;
  address.resize(16);
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  return {};
}

bool zero_behind(const std::vector<unsigned char>& address, int prefix) {
  const auto mask = mask_of(address.size(), prefix);
  return std::equal(address.begin(), address.end(), mask.begin(),
                    [](unsigned char a, unsigned char m) { return (a & m) == a; });
}

}  // namespace

std::optional<Network> Network::checked(std::vector<unsigned char> address, int prefix) {
  const bool fits = prefix >= 0 && prefix <= static_cast<int>(address.size() * 8);
  if (address.empty() || !fits || !zero_behind(address, prefix)) return std::nullopt;
  return Network(std::move(address), prefix);
}

std::optional<Network> Network::parse(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  const auto slash = text.find('/');
  auto address = address_of(text.substr(0, slash));
  int prefix = static_cast<int>(address.size() * 8);
  if (slash != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto [at, code] = std::from_chars(text.data() + slash + 1, end, prefix);
    if (code != std::errc{} || at != end) return std::nullopt;
  }
  return checked(std::move(address), prefix);
}

std::optional<Network> Network::from_octets(const unsigned char* octets, std::size_t size) {
  if (size != 8 && size != 32) return std::nullopt;
  const std::vector<unsigned char> mask(octets + size / 2, octets + size);
  int prefix = 0;
  while (prefix < static_cast<int>(mask.size() * 8) &&
         (mask[static_cast<std::size_t>(prefix / 8)] & (0x80U >> (prefix % 8))) != 0) {
    ++prefix;
  }
  if (mask != mask_of(mask.size(), prefix)) return std::nullopt;
  return checked({octets, octets + size / 2}, prefix);
}

bool Network::holds(const Network& other) const {
  if (other.address_.size() != address_.size() || other.prefix_ < prefix_) return false;
  const auto mask = mask_of(address_.size(), prefix_);
  for (std::size_t i = 0; i < mask.size(); ++i)
    if ((other.address_[i] & mask[i]) != address_[i]) return false;
  return true;
}

std::strong_ordering Network::operator<=>(const Network& other) const {
  if (is_v4() != other.is_v4())
    return is_v4() ? std::strong_ordering::less : std::strong_ordering::greater;
  return std::tie(address_, prefix_) <=> std::tie(other.address_, other.prefix_);
}

std::string Network::to_text() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v4() ? AF_INET : AF_INET6, address_.data(), text, sizeof text);
  if (prefix_ == static_cast<int>(address_.size() * 8)) return text;
  return text + ('/' + std::to_string(prefix_));
}

std::string Network::octets() const {
  std::string both(address_.begin(), address_.end());
  const auto mask = mask_of(address_.size(), prefix_);
  return both.append(mask.begin(), mask.end());
}

}  // namespace arbortls::authority
