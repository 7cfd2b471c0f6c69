#pragma once
// Certificates out of PKCS#7 (RFC 2315): what authorities hand out as .p7b and .p7c. It holds no keys.

#include "cert/material.hpp"

namespace arbortls::cert {

// Of signed data, which is all that carries certificates.
bool is_pkcs7(const Bytes& der);

Result<void> add_pkcs7(Material& material, const Bytes& der, Desk& desk);

}  // namespace arbortls::cert
