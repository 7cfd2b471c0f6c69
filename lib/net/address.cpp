#include "net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace arbortls::net {
namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);
constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

template <class T>
T view_as(const sockaddr_storage& storage) noexcept {
  T out{};
  std::memcpy(&out, &storage, sizeof out);
  return out;
}

Error endpoint_error(std::string_view endpoint, const std::string& what) {
  return error("\"" + std::string(endpoint) + "\" " + what);
}

std::string unix_text(const Address& address) {
  const auto un = view_as<sockaddr_un>(address.storage);
  const std::size_t size =
      address.length > path_offset ? std::min(address.length - path_offset, sizeof un.sun_path) : 0;
  if (size == 0) return "unix:";
  if (un.sun_path[0] == '\0') return "unix:@" + std::string(un.sun_path + 1, size - 1);
  return "unix:" + std::string(un.sun_path, ::strnlen(un.sun_path, size));
}

Address unix_address(const std::string& path) noexcept {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  return Address(reinterpret_cast<const sockaddr*>(&un),
                 static_cast<socklen_t>(path_offset + path.size() + 1));
}

Result<EndpointText> parse_unix(std::string_view endpoint) {
  const std::string_view path = endpoint.substr(5);
  if (path.empty() || path[0] != '/') {
    return endpoint_error(endpoint, "needs an absolute path, such as unix:/run/ws.sock");
  }
  if (path.size() >= sizeof(sockaddr_un::sun_path) || path.find('\0') != path.npos) {
    return endpoint_error(endpoint, "has a path that no UNIX socket can have; at most 107 bytes fit");
  }
  return EndpointText{"", "", std::string(path)};
}

bool is_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5) return false;
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  std::uint32_t port = 0;
  for (const char c : text) port = port * 10 + static_cast<std::uint32_t>(c - '0');
  return port <= 65535;
}

}  // namespace

Address::Address(const sockaddr* raw, socklen_t size) noexcept
    : length(std::min(size, static_cast<socklen_t>(sizeof storage))) {
  std::memcpy(&storage, raw, length);
}

Address::Address(const sockaddr_storage& raw) noexcept : storage(raw) {
  if (raw.ss_family == AF_INET) length = sizeof(sockaddr_in);
  if (raw.ss_family == AF_INET6) length = sizeof(sockaddr_in6);
  if (raw.ss_family == AF_UNIX) length = sizeof(sa_family_t);
}

std::uint16_t Address::port() const noexcept {
  if (family() == AF_INET) return ntohs(view_as<sockaddr_in>(storage).sin_port);
  if (family() == AF_INET6) return ntohs(view_as<sockaddr_in6>(storage).sin6_port);
  return 0;
}

std::array<std::uint8_t, 16> Address::ip_bytes() const noexcept {
  std::array<std::uint8_t, 16> out{};
  if (family() == AF_INET) {
    const auto in = view_as<sockaddr_in>(storage);
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), out.begin());
    std::memcpy(out.data() + mapped_prefix.size(), &in.sin_addr, 4);
  } else if (family() == AF_INET6) {
    const auto in = view_as<sockaddr_in6>(storage);
    std::memcpy(out.data(), &in.sin6_addr, out.size());
  }
  return out;
}

std::string Address::ip_text() const {
  if (is_unix()) return "unix";
  if (!is_ip()) return "";
  const auto bytes = ip_bytes();
  const bool ipv4 = std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin());
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(ipv4 ? AF_INET : AF_INET6, bytes.data() + (ipv4 ? mapped_prefix.size() : 0), text,
              sizeof text);
  return text;
}

std::string Address::to_string() const {
  if (is_unix()) return unix_text(*this);
  if (!is_ip()) return "";
  const std::string ip = ip_text();
  const std::string tail = ":" + std::to_string(port());
  return ip.find(':') == std::string::npos ? ip + tail : "[" + ip + "]" + tail;
}

std::uint64_t Address::ip_hash() const noexcept {
  std::uint64_t words[2] = {};
  const auto bytes = ip_bytes();
  std::memcpy(words, bytes.data(), sizeof words);
  std::uint64_t hash = words[0] * 0x9e3779b97f4a7c15 + words[1];
  for (const int shift : {30, 27, 31}) hash = (hash ^ hash >> shift) * 0xbf58476d1ce4e5b9;
  return hash ^ hash >> 32;
}

Result<EndpointText> parse_endpoint(std::string_view endpoint) {
  if (endpoint.starts_with("unix:")) return parse_unix(endpoint);
  const std::size_t colon = endpoint.rfind(':');
  if (colon == std::string_view::npos || !is_port(endpoint.substr(colon + 1))) {
    return endpoint_error(endpoint, "needs a port from 0 to 65535 at its end, such as 127.0.0.1:8088");
  }
  std::string_view host = endpoint.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return endpoint_error(endpoint, "has an IPv6 address without brackets; write it as [::1]:8088");
  }
  if (host.empty() || host.find('\0') != host.npos || host.find_first_of("[]/ ") != host.npos) {
    return endpoint_error(endpoint, "needs a host name or IP address before its port");
  }
  in6_addr ignored{};
  if (bracketed && host.find('%') == host.npos &&
      ::inet_pton(AF_INET6, std::string(host).c_str(), &ignored) != 1) {
    return endpoint_error(endpoint, "has no IPv6 address between its brackets");
  }
  return EndpointText{std::string(host), std::string(endpoint.substr(colon + 1)), ""};
}

Result<std::vector<Address>> Address::resolve(std::string_view endpoint) {
  const Result<EndpointText> parsed = parse_endpoint(endpoint);
  if (parsed.has_error()) return parsed.error();
  if (!parsed->path.empty()) return std::vector<Address>{unix_address(parsed->path)};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(parsed->host.c_str(), parsed->port.c_str(), &hints, &list);
  if (failed != 0) {
    return endpoint_error(endpoint, std::string("cannot be looked up: ") + ::gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  std::vector<Address> out;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) out.emplace_back(at->ai_addr, at->ai_addrlen);
  return out;
}

Result<Address> Address::from_ip(std::string_view text) {
  const std::string ip(text.substr(0, text.find('\0')));
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  if (ip.size() == text.size() && ::inet_pton(AF_INET, ip.c_str(), &ipv4.sin_addr) == 1) {
    return Address(reinterpret_cast<const sockaddr*>(&ipv4), sizeof ipv4);
  }
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  if (ip.size() == text.size() && ::inet_pton(AF_INET6, ip.c_str(), &ipv6.sin6_addr) == 1) {
    return Address(reinterpret_cast<const sockaddr*>(&ipv6), sizeof ipv6);
  }
  return endpoint_error(text, "is no IP address; write one such as 127.0.0.2 or 2001:db8::1");
}

}  // namespace arbortls::net
