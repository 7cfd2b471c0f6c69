#pragma once
// Revoking a certificate (RFC 8555, 7.6) with the account's key, through an Exchange.

#include "acme/exchange.hpp"
#include "base/result.hpp"

#include <string_view>

namespace arbortls::acme {

// RFC 5280, 5.3.1; those a subscriber may give.
enum class RevocationReason {
  unspecified = 0,
  key_compromise = 1,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
};

// The leaf of a PEM text, whatever else stands in it.
Result<Ask> revocation(std::string_view pem, RevocationReason reason);

// The Exchange's end is that of a certificate that is revoked now, or was before.
bool is_revoked(const Exchange::Outcome& outcome) noexcept;

}  // namespace arbortls::acme
