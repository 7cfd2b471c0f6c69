#pragma once
// Keys and certificates out of bytes of any format.

#include "cert/material.hpp"

#include <string>
#include <string_view>

namespace arbortls::cert {

// "PEM", "PKCS#12" or "DER", by what the bytes look like; anything without a DER's first byte is
// taken for PEM.
std::string_view format_of(std::string_view bytes) noexcept;

// Adds what the bytes hold. DER may be a certificate or a key, PKCS#8 or type-specific, encrypted
// or not.
Result<void> add_input(Material& material, std::string_view bytes, const std::string& passphrase,
                       Desk& desk);

}  // namespace arbortls::cert
