#pragma once
// Texts out of a certificate.

#include "openssl/handles.hpp"

#include <string>
#include <string_view>

namespace arbortls::authority {

// Hex, upper case.
std::string serial_of(X509* x509);
// UTF-8, any text; "" for none.
std::string common_name_of(const X509_NAME* name);

// Without control bytes.
bool is_plain_text(std::string_view text) noexcept;

}  // namespace arbortls::authority
