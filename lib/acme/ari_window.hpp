#pragma once
// ACME Renewal Information (RFC 9773): what a suggested window makes of a certificate's renewal.
// Pure. Times are Unix seconds; `chance` is a random number from 0 up to, not including, 1.

#include "acme/renewal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arbortls::acme {

// `suggestedWindow` (section 4.2).
struct Window {
  std::int64_t start = 0;
  std::int64_t end = 0;

  bool operator==(const Window&) const = default;
};

// Whether the window can be meant: it ends after its start, overlaps the certificate's life and is
// no longer than it. One wholly before the certificate was made would have it renewed for ever. A
// window in the past is sensible: "now".
bool is_sensible(const Window& window, const Life& life) noexcept;

// The moment drawn from a window, for one certificate. Outlives restarts in the Ledger.
struct Suggestion {
  std::string certificate_id;  // section 4.1
  Window window;
  std::int64_t moment = 0;

  bool operator==(const Suggestion&) const = default;
};

// What holds once the CA gave `window` for `certificate_id`: `before` where it is of the same
// certificate and window, else a new moment, drawn uniformly (section 4.2).
Suggestion follow(const std::optional<Suggestion>& before, std::string_view certificate_id,
                  const Window& window, double chance);

// When to renew: at the suggested moment where there is one for this certificate, else `by_age`;
// never later than last_call(). A moment in the past means at once.
std::int64_t renewal_time(const Life& life, std::int64_t by_age, std::string_view certificate_id,
                          const std::optional<Suggestion>& suggestion) noexcept;

// When to ask the CA again: at `asked`, where its Retry-After gave a time, but within a minute and
// a day from now (section 4.3 wants limits of one's own); in six hours where it gave none.
std::int64_t next_poll(std::int64_t now, std::optional<std::int64_t> asked) noexcept;

}  // namespace arbortls::acme
