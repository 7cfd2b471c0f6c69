#include "config/endpoint.hpp"

#include "domain/name.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace arbortls::config {
namespace {

constexpr std::size_t max_unix_path = sizeof(sockaddr_un::sun_path) - 1;

std::optional<int> number(std::string_view text, int most) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool digits = !text.empty() && text.front() != '-';
  if (code != std::errc() || end != text.data() + text.size() || !digits || value > most) return {};
  return value;
}

// The 4 or 16 bytes of an address, left in `bytes`; 0 when the text is none.
std::size_t address_bytes(std::string_view text, std::array<unsigned char, 16>& bytes) {
  const std::string copy(text);
  if (::inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return 4;
  return ::inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1 ? 16 : 0;
}

bool is_v6(std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  const std::string_view scope = text.find('%') == text.npos ? "" : text.substr(text.find('%'));
  if (scope == "%") return false;
  return address_bytes(text.substr(0, text.size() - scope.size()), bytes) == 16;
}

Result<void> check_host(std::string_view host) {
  if (is_ip_address(host)) return {};
  if (host.find_first_not_of("0123456789.") == host.npos) {
    return error("the host is not a whole IPv4 address");
  }
  const auto name = domain::parse_name(host);
  if (!name) return error("the host is not legal: " + name.error().message);
  return {};
}

Result<void> check_port(std::string_view port, EndpointUse use) {
  const auto value = number(port, 65535);
  if (!value) return error("the port has to be a number up to 65535");
  if (*value == 0 && use == EndpointUse::connect) return error("port 0 cannot be connected to");
  return {};
}

Result<void> check_tcp(std::string_view text, EndpointUse use) {
  const bool bracket = text.starts_with('[');
  const auto colon = bracket ? text.find("]:") : text.rfind(':');
  if (colon == text.npos)
    return error(bracket ? "`]:PORT` is missing" : "the port is missing (HOST:PORT)");
  const auto host = bracket ? text.substr(1, colon - 1) : text.substr(0, colon);
  if (bracket && !is_v6(host)) return error("what stands in the brackets is not an IPv6 address");
  if (!bracket && host.find(':') != host.npos) {
    return error("an IPv6 address has to stand in brackets, as in `[::1]:443`");
  }
  if (host.empty()) {
    return error(
        "the host is missing; all addresses are `[::]:PORT`, or `0.0.0.0:PORT` for IPv4 only");
  }
  if (!bracket) {
    if (const auto checked = check_host(host); !checked) return checked;
  }
  return check_port(text.substr(colon + (bracket ? 2 : 1)), use);
}

Result<std::string> unix_endpoint(std::string_view path, const std::string& directory) {
  if (path.empty()) return error("the path is missing (unix:/PATH)");
  const std::string full = absolute_path(path, directory);
  if (full.size() > max_unix_path) {
    return error("the path of a UNIX socket may have at most " + std::to_string(max_unix_path) +
                 " bytes, this one has " + std::to_string(full.size()));
  }
  return "unix:" + full;
}

Result<std::string> systemd_endpoint(std::string_view name) {
  const auto legal = [](char c) { return c > ' ' && c < 0x7f && c != ':'; };
  if (name.empty() || name.size() > 255 || !std::all_of(name.begin(), name.end(), legal)) {
    return error(
        "the name of a systemd socket is its FileDescriptorName: 1 to 255 visible ASCII "
        "characters without a colon");
  }
  return "systemd:" + std::string(name);
}

bool has_host_bits(const std::array<unsigned char, 16>& bytes, std::size_t size, int prefix) {
  for (std::size_t bit = static_cast<std::size_t>(prefix); bit < size * 8; ++bit) {
    if ((bytes[bit / 8] >> (7 - bit % 8)) & 1) return true;
  }
  return false;
}

}  // namespace

Result<std::string> parse_endpoint(std::string_view text, EndpointUse use,
                                   const std::string& directory) {
  if (text.starts_with("unix:")) return unix_endpoint(text.substr(5), directory);
  if (text.starts_with("systemd:")) {
    if (use == EndpointUse::listen) return systemd_endpoint(text.substr(8));
    return error("systemd passes sockets to listen on, not to connect to");
  }
  if (text.starts_with('/')) return error("a UNIX socket is written `unix:/PATH`");
  if (const auto checked = check_tcp(text, use); !checked) return checked.error();
  return std::string(text);
}

Result<std::string> parse_peer(std::string_view text) {
  if (text == "unix") return std::string(text);
  const auto slash = text.find('/');
  std::array<unsigned char, 16> bytes{};
  const std::size_t size = address_bytes(text.substr(0, slash), bytes);
  if (size == 0) return error("not an IP address");
  if (slash == text.npos) return std::string(text);
  const auto prefix = number(text.substr(slash + 1), static_cast<int>(size * 8));
  if (!prefix) {
    return error("the prefix length has to be a number up to " + std::to_string(size * 8));
  }
  if (has_host_bits(bytes, size, *prefix)) {
    return error(
        "bits are set behind the prefix: is it one address (no `/`), or a shorter prefix?");
  }
  return std::string(text);
}

bool is_ip_address(std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  return address_bytes(text, bytes) != 0;
}

std::string absolute_path(std::string_view path, const std::string& directory) {
  if (path.starts_with('/')) return std::string(path);
  while (path.starts_with("./")) path.remove_prefix(2);
  return directory + (directory.ends_with('/') ? "" : "/") + std::string(path);
}

}  // namespace arbortls::config
