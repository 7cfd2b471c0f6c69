#include "proxy_protocol/address_form.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace arbortls::proxy_protocol {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct Seen {
  Family family = Family::none;
  Ip ip;
};

Seen see(const Address& address) noexcept {
  Seen out;
  if (address.family() == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address.storage, sizeof in);
    std::memcpy(out.ip.bytes.data(), &in.sin_addr, 4);
    out.ip.port = ntohs(in.sin_port);
    out.family = Family::ipv4;
  } else if (address.family() == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address.storage, sizeof in);
    std::memcpy(out.ip.bytes.data(), &in.sin6_addr, 16);
    out.ip.port = ntohs(in.sin6_port);
    out.family = Family::ipv6;
  }
  return out;
}

bool is_mapped(const Seen& seen) noexcept {
  return seen.family == Family::ipv6 &&
         std::equal(mapped_prefix.begin(), mapped_prefix.end(), seen.ip.bytes.begin());
}

Ip as_ipv4(const Seen& seen) noexcept {
  if (seen.family == Family::ipv4) return seen.ip;
  Ip out{{}, seen.ip.port};
  std::copy_n(seen.ip.bytes.begin() + 12, 4, out.bytes.begin());
  return out;
}

Ip as_ipv6(const Seen& seen) noexcept {
  if (seen.family == Family::ipv6) return seen.ip;
  Ip out{{}, seen.ip.port};
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), out.bytes.begin());
  std::copy_n(seen.ip.bytes.begin(), 4, out.bytes.begin() + 12);
  return out;
}

}  // namespace

Pair common_form(const Outgoing& outgoing) noexcept {
  if (!outgoing.source || !outgoing.destination) return {};
  const Seen source = see(*outgoing.source);
  const Seen destination = see(*outgoing.destination);
  if (source.family == Family::none || destination.family == Family::none) return {};
  const bool fits_ipv4 = (source.family == Family::ipv4 || is_mapped(source)) &&
                         (destination.family == Family::ipv4 || is_mapped(destination));
  if (fits_ipv4) return {Family::ipv4, as_ipv4(source), as_ipv4(destination)};
  return {Family::ipv6, as_ipv6(source), as_ipv6(destination)};
}

Address make_ipv4(const std::uint8_t* network_order, std::uint16_t port) noexcept {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  std::memcpy(&in.sin_addr, network_order, 4);
  Address out;
  std::memcpy(&out.storage, &in, sizeof in);
  return out;
}

Address make_ipv6(const std::uint8_t* network_order, std::uint16_t port) noexcept {
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port);
  std::memcpy(&in.sin6_addr, network_order, 16);
  Address out;
  std::memcpy(&out.storage, &in, sizeof in);
  return out;
}

}  // namespace arbortls::proxy_protocol
