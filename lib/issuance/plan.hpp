#pragma once
// When a subject's certificate is to be made, and why. Pure. Times are Unix seconds.

#include "acme/ledger.hpp"
#include "acme/renewal.hpp"
#include "issuance/subject.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace arbortls::issuance {

struct Plan {
  std::int64_t due = 0;
  std::string reason;  // "it has none yet", "2 thirds of its life are over"
};

// None for a certificate that an operator has put there by hand. What failed before is not considered.
std::optional<Plan> plan(const Subject& subject, const acme::Ledger::Domain& entry, std::int64_t now);

// When the certificate's age, or its CA's advice, wants it renewed.
std::int64_t renewal_of(const cert::Certificate& certificate, const acme::Ledger::Domain& entry);

// Why the subject's certificate is not what is asked for; "" if it is. There has to be one.
std::string misfit(const Subject& subject, const acme::Ledger::Domain& entry);

// By which a CA knows the certificate (RFC 9773, 4.1); one without an issuer's key goes by its own digest.
std::string id_of(const cert::Certificate& certificate);

// Makes `entry` speak of the certificate with that ID; what was drawn or suggested for another one goes. `chance` is a
// random number from 0 up to, not including, 1.
void follow_certificate(acme::Ledger::Domain& entry, const std::string& id, const acme::Life& life, double chance);

// The earliest end and its beginning.
acme::Life life_of(const cert::Certificate& certificate) noexcept;

// An account is one e-mail address at one CA.
std::string account_of(const tls::Automatic& settings);
std::string directory_of(const std::string& account);

}  // namespace arbortls::issuance
