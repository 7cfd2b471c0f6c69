#pragma once
// The private key in a PEM text.

#include "base/result.hpp"
#include "openssl/handles.hpp"

#include <string_view>

namespace arbortls::acme {

// The first of that kind (EVP_PKEY_EC, EVP_PKEY_RSA; 0 for any), not encrypted.
Result<openssl::EvpPkeyPtr> key_of(std::string_view pem, int kind = 0);

}  // namespace arbortls::acme
