#pragma once
// A range of addresses, as text and as the octets of a name constraint (RFC 5280, 4.2.1.10).

#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::authority {

class Network {
 public:
  // "10.0.0.0/8", "fd00::/8", or an address alone. Nothing for anything else, or for bits behind
  // the prefix.
  static std::optional<Network> parse(const std::string& text);
  // Address and mask. Nothing for a mask with holes, or for bits behind it.
  static std::optional<Network> from_octets(const unsigned char* octets, std::size_t size);

  bool is_v4() const noexcept { return address_.size() == 4; }
  bool holds(const Network& other) const;
  std::string to_text() const;  // an address alone without its prefix
  std::string octets() const;   // address and mask

  bool operator==(const Network&) const = default;
  // IPv4 before IPv6.
  std::strong_ordering operator<=>(const Network& other) const;

 private:
  Network(std::vector<unsigned char> address, int prefix)
      : address_(std::move(address)), prefix_(prefix) {}
  static std::optional<Network> checked(std::vector<unsigned char> address, int prefix);

  std::vector<unsigned char> address_;  // 4 or 16
  int prefix_;
};

}  // namespace arbortls::authority
