#pragma once
// When the CA suggests to renew (ARI, RFC 9773): the question and the answer. What to make of it is
// the schedule's.

#include "acme/exchange.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace arbortls::acme {

// RFC 9773, 4.1: of the leaf of a PEM text. An error where it names no issuer's key.
Result<std::string> certificate_id(std::string_view pem);

// For an Exchange, which fails with our_mistake where the CA has no renewal information.
Ask renewal_info(const std::string& certificate_id);

struct RenewalInfo {
  std::int64_t start = 0;  // of the suggested window, Unix seconds
  std::int64_t end = 0;    // later than start
  std::string explanation_url{};
  std::int64_t ask_again_at =
      0;  // by Retry-After; in 6 hours where there is none; at least a minute
};

Result<RenewalInfo> parse_renewal_info(const Reply& reply, std::int64_t now);

}  // namespace arbortls::acme
