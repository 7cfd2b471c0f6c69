#pragma once
// Sets of addresses, as configuration names them: single addresses, networks in CIDR form, and `unix`.

#include "net/address.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace arbortls::net {

// One address or a CIDR network. An IPv4 network also holds the IPv4-mapped IPv6 forms of its addresses.
class Network {
 public:
  // "10.0.0.0/8", "192.0.2.1", "2001:db8::/32". Bits beyond the prefix must be zero.
  static Result<Network> parse(std::string_view text);
  bool contains(const Address& address) const noexcept;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // IPv4 as mapped
  int prefix_ = 128;                      // of the mapped form
};

class AddressSet {
 public:
  // Each a Network or the word `unix`, which stands for every UNIX peer. The error is that of the first bad one.
  static Result<AddressSet> parse(const std::vector<std::string>& texts);
  // Adds one; on an error nothing is changed.
  Result<void> add(std::string_view text);
  bool contains(const Address& address) const noexcept;
  bool empty() const noexcept { return networks_.empty() && !unix_; }

 private:
  std::vector<Network> networks_;
  bool unix_ = false;
};

}  // namespace arbortls::net
