#pragma once
// Keys and certificates out of bytes of any format.

#include "cert/format.hpp"
#include "cert/material.hpp"

#include <string>
#include <string_view>

namespace arbortls::cert {

struct Input {
  std::string_view bytes;
  std::string_view file{};  // where they stand, for advice; "" if that is not known
};

// Adds what the bytes hold. DER may be a certificate or a key, PKCS#8 or type-specific, encrypted
// or not.
Result<void> add_input(Material& material, const Input& input, const std::string& passphrase,
                       Desk& desk);

}  // namespace arbortls::cert
