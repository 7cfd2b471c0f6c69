#pragma once
// How the PROXY protocol sees a pair of addresses: internal to this module.

#include "proxy_protocol/header.hpp"

#include <netinet/in.h>

#include <array>
#include <cstdint>

namespace arbortls::proxy_protocol {

// An address in network order, whichever family it has.
struct Ip {
  std::array<std::uint8_t, 16> bytes{};  // IPv4: the first four
  std::uint16_t port = 0;                // host order
};

enum class Family { none, ipv4, ipv6 };

// Both ends in one family, or none.
struct Pair {
  Family family = Family::none;
  Ip source;
  Ip destination;
};

// The rules of Outgoing; none unless both addresses are there and are IPv4 or IPv6.
Pair common_form(const Outgoing& outgoing) noexcept;

Address make_ipv4(const std::uint8_t* network_order, std::uint16_t port) noexcept;
Address make_ipv6(const std::uint8_t* network_order, std::uint16_t port) noexcept;

}  // namespace arbortls::proxy_protocol
