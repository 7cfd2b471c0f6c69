#pragma once
// Orders and authorizations as a CA writes them (RFC 8555, 7.1.3, 7.1.4).

#include "acme/challenge.hpp"
#include "acme/failure.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::acme {

struct OrderObject {
  std::string status;  // "pending", "ready", "processing", "valid", "invalid"
  std::vector<std::string> authorizations;
  std::string finalize;
  std::string certificate{};         // URL; there when it is valid
  std::optional<Failure> failure{};  // why it is invalid
};

struct ChallengeObject {
  ChallengeType type;
  std::string url;
  std::string token;
  std::string status;
  std::optional<Failure> failure{};
};

struct AuthorizationObject {
  std::string identifier;  // name or address, lower case, without "*."
  bool wildcard = false;
  std::string status;                       // "pending", "valid", "invalid"...
  std::vector<ChallengeObject> challenges;  // of the types we know
  std::vector<std::string> types;           // of all

  std::string name() const { return (wildcard ? "*." : "") + identifier; }
};

// URLs are https, tokens are base64url.
Result<OrderObject> parse_order(std::string_view json);
Result<AuthorizationObject> parse_authorization(std::string_view json);

}  // namespace arbortls::acme
