#pragma once
// Making certificates: self-signed ones.

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace arbortls::cert {

struct SelfSigned {
  std::string key_pem;
  std::string certificate_pem;
};

// P-256, SHA-256; SANs: each name, DNS or IP by its look; CN: the first name that fits; serverAuth; CA:FALSE.
Result<SelfSigned> make_self_signed(const std::vector<std::string>& names, std::int64_t now,
                                    std::int64_t lifetime_seconds);

}  // namespace arbortls::cert
