#include "acme/challenge.hpp"

#include "acme/jose.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace arbortls::acme {
namespace {

constexpr std::array<ChallengeType, 3> types = {ChallengeType::http_01, ChallengeType::tls_alpn_01,
                                                ChallengeType::dns_01};

std::string reverse_v4(const unsigned char* bytes) {
  std::string name;
  for (int i = 3; i >= 0; --i) name += std::to_string(bytes[i]) + ".";
  return name + "in-addr.arpa";
}

std::string reverse_v6(const unsigned char* bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name;
  for (int i = 15; i >= 0; --i) {
    name += {digits[bytes[i] & 15], '.', digits[bytes[i] >> 4], '.'};
  }
  return name + "ip6.arpa";
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view to_string(ChallengeType type) noexcept {
  switch (type) {
    case ChallengeType::http_01:
      return "http-01";
    case ChallengeType::tls_alpn_01:
      return "tls-alpn-01";
    case ChallengeType::dns_01:
      return "dns-01";
  }
  return "unknown";
}

std::optional<ChallengeType> challenge_type(std::string_view text) noexcept {
  for (const auto type : types) {
    if (to_string(type) == text) return type;
  }
  return std::nullopt;
}

std::string Challenge::record_value() const { return dns01_value(key_authorization); }

std::string challenge_server_name(std::string_view identifier) {
  std::string name(identifier);
  unsigned char address[sizeof(in6_addr)];
  if (inet_pton(AF_INET, name.c_str(), address) == 1) return reverse_v4(address);
  if (inet_pton(AF_INET6, name.c_str(), address) == 1) return reverse_v6(address);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  return name;
}

}  // namespace arbortls::acme
