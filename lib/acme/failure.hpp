#pragma once
// What a CA's refusal means for who asked: problem documents (RFC 7807; RFC 8555, 6.7), read.

#include "acme/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arbortls::acme {

enum class FailureKind {
  transient,     // of the network or the CA: try again soon
  rate_limited,  // not before `retry_at`
  refused,  // of this order: a name that does not reach us, CAA, a certificate that does not fit
  our_mistake,  // the request itself or the configuration: the same again will not help
  account,      // of the account: permanent for all orders until the configuration changes
};

std::string_view to_string(FailureKind kind) noexcept;  // "transient", "rate_limited"...

struct Failure {
  FailureKind kind = FailureKind::transient;
  std::string text;  // a sentence, fit for a log: no control bytes, bounded, never a secret
  std::optional<std::int64_t> retry_at{};  // Unix seconds: the CA wants nothing before
  std::string type{};  // such as "rateLimited": behind urn:ietf:params:acme:error:; "" for none
};

// A reply that is no success. `what` is what was tried, and begins the text: "making an order".
// Subproblems (RFC 8555, 6.7.1) stand in the text with their names.
Failure failure_of(const Reply& reply, std::int64_t now, std::string_view what);

// A problem that stands inside another object, such as a challenge's `error`; `json` is its text.
Failure failure_of_problem(std::string_view json, std::string_view what);

// A reply that should have been something else.
Failure unreadable(std::string_view what, std::string_view why);

// Text from a CA made fit for a log: control bytes and what is no UTF-8 become '?', at most
// `longest` bytes.
std::string plain_text(std::string_view text, std::size_t longest = 500);

}  // namespace arbortls::acme
