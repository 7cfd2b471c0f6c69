#pragma once
// The challenges by which a CA sees that a name is ours: http-01, dns-01 (RFC 8555, 8.3, 8.4),
// tls-alpn-01 (RFC 8737; addresses as RFC 8738 has them).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::acme {

enum class ChallengeType { http_01, tls_alpn_01, dns_01 };

std::string_view to_string(ChallengeType type) noexcept;  // "http-01", "tls-alpn-01", "dns-01"
std::optional<ChallengeType> challenge_type(std::string_view text) noexcept;

// What the caller publishes.
struct Challenge {
  ChallengeType type = ChallengeType::http_01;
  std::string identifier;         // the name or address, without "*."
  std::string token;              // the last part of http-01's path
  std::string key_authorization;  // http-01: the body; tls-alpn-01: see make_challenge_certificate

  // dns-01: the TXT record's name and content.
  std::string record_name() const { return "_acme-challenge." + identifier; }
  std::string record_value() const;

  bool operator==(const Challenge&) const = default;
};

// The path of http-01: "/.well-known/acme-challenge/" and the token.
inline constexpr std::string_view http_01_prefix = "/.well-known/acme-challenge/";

// The SNI by which a CA asks for a tls-alpn-01 certificate: the name itself, or an address's name
// under in-addr.arpa or ip6.arpa (RFC 8738, 6). Lower case.
std::string challenge_server_name(std::string_view identifier);

}  // namespace arbortls::acme
