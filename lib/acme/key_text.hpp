#pragma once
// The private key in a PEM text.

#include "base/result.hpp"
#include "openssl/handles.hpp"

#include <string_view>

namespace arbortls::acme {

// The first, not encrypted.
Result<openssl::EvpPkeyPtr> key_of(std::string_view pem);

}  // namespace arbortls::acme
