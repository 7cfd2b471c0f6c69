#pragma once
// A certificate signing request (RFC 2986): who asks, for which names, with which key.

#include "base/result.hpp"
#include "openssl/handles.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::authority {

struct SigningRequest {
  openssl::EvpPkeyPtr key;  // its public part
  std::string common_name;
  bool has_san = false;
  std::vector<std::string> names;  // of its SAN; without one the common name if it is a host name
};

// PEM or DER. Errors: unreadable; not signed by its own key; the key is too weak or of no use.
Result<SigningRequest> read_csr(std::string_view bytes);

}  // namespace arbortls::authority
