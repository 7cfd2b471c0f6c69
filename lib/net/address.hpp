#pragma once
// Socket addresses as values: IPv4, IPv6 and UNIX paths. Plain POSIX, no Asio. Any thread.

#include "base/result.hpp"

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  Address() = default;  // no address: family AF_UNSPEC
  // `length` bytes of `raw`, as accept() and getaddrinfo() give them.
  Address(const sockaddr* raw, socklen_t size) noexcept;
  // As PROXY headers give them; the length follows from the family.
  explicit Address(const sockaddr_storage& raw) noexcept;

  sa_family_t family() const noexcept { return storage.ss_family; }
  bool is_unix() const noexcept { return family() == AF_UNIX; }
  bool is_ip() const noexcept { return family() == AF_INET || family() == AF_INET6; }
  const sockaddr* raw() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  std::uint16_t port() const noexcept;  // 0 unless is_ip()

  // The address without its port, IPv4-mapped IPv6 as IPv4: "1.2.3.4", "::1"; "unix" for UNIX, "" for none.
  std::string ip_text() const;
  // "1.2.3.4:5", "[::1]:5", "unix:/path" ("unix:" for an unnamed socket, "unix:@name" for an abstract one),
  // "" for none.
  std::string to_string() const;
  // Of the IP part only, the same for an IPv4 address and its IPv4-mapped IPv6 form; stable within a process.
  std::uint64_t ip_hash() const noexcept;
  // The IP in network order, IPv4 as IPv4-mapped IPv6; zeros unless is_ip().
  std::array<std::uint8_t, 16> ip_bytes() const noexcept;

  // What `endpoint` (host:port, [v6]:port, unix:/path) stands for; at least one address. Blocks on DNS for
  // names, so not for I/O threads. Errors name the endpoint and say what would be right.
  static Result<std::vector<Address>> resolve(std::string_view endpoint);
  // An IP address alone, with port 0: "127.0.0.2", "2001:db8::1". Looks nothing up.
  static Result<Address> from_ip(std::string_view text);
};

// An endpoint taken apart, not looked up. Ports are 0..65535 in decimals; paths are absolute and fit a sockaddr_un.
struct EndpointText {
  std::string host;  // without brackets
  std::string port;
  std::string path;  // for unix:, else ""
};
Result<EndpointText> parse_endpoint(std::string_view endpoint);

}  // namespace arbortls::net
