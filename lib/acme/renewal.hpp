#pragma once
// When a certificate is renewed by its own age alone. Pure. Times are Unix seconds; `chance` is a
// random number from 0 up to, not including, 1.

#include <cstdint>

namespace arbortls::acme {

struct Life {
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;

  std::int64_t length() const noexcept { return not_after - not_before; }
};

// At 2/3 of the certificate's life, at 1/2 where it lives ten days or less; up to 1/50 of its life
// sooner or later by `chance`, so that certificates made together are not renewed together. Draw
// once a certificate and keep it.
std::int64_t renewal_by_age(const Life& life, double chance) noexcept;

// From here on, the last 1/20 of its life, it is renewed whatever the CA suggests.
std::int64_t last_call(const Life& life) noexcept;

}  // namespace arbortls::acme
