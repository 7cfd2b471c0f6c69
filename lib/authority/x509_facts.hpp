#pragma once
// Texts out of a certificate.

#include "openssl/handles.hpp"

#include <string>

namespace arbortls::authority {

// Hex, upper case.
std::string serial_of(X509* x509);
// UTF-8, any text; "" for none.
std::string common_name_of(const X509_NAME* name);

}  // namespace arbortls::authority
