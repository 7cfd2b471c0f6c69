#pragma once
// What the office has to say of its work: values for `acme status`. Times are Unix seconds.

#include "issuance/subject.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::issuance {

struct ReportedDomain {
  std::string domain;
  tls::Maker maker = tls::Maker::none;
  tls::Own own = tls::Own::nothing;
  std::string account;                     // "" for the local CA
  std::optional<std::int64_t> not_after;   // of what is in force
  std::optional<std::int64_t> due;         // none: it is not made, an operator has put his own there
  // Of what is in force, where it was made: when its age, or its CA's advice, wants it renewed, whatever failed since.
  std::optional<std::int64_t> renewal;
  std::string reason;                      // why it is or will be due
  std::string doing;                       // "" while nothing is under way
  std::optional<std::int64_t> awaited_since;  // a new one was put in place then, and is not in force yet
  std::int64_t failures = 0;               // in a row
  std::string last_error;
  std::int64_t failed_at = 0;
};

struct ReportedAccount {
  std::string account;
  std::string url;  // "": none made yet
  std::size_t orders = 0;  // lately
  std::optional<std::int64_t> paused_until;
  std::string refusal;  // why it is of no use until the configuration changes; "": it is
};

struct Report {
  std::vector<ReportedDomain> domains;  // by name
  std::vector<ReportedAccount> accounts;
  std::string trouble;  // why the state cannot be kept; ""
};

// What would be done for a domain, for `acme dry-run`.
struct Rehearsed {
  std::string domain;
  std::string would;    // "order it: it has none yet"
  std::string problem;  // what would keep that from succeeding; "" for nothing that can be seen
};

}  // namespace arbortls::issuance
