#pragma once
// Keys and certificates out of PKCS#12 (RFC 7292): any number of them, in any order, with or without
// a MAC, with a passphrase, an empty one or none.

#include "cert/material.hpp"
#include "openssl/handles.hpp"

#include <string>
#include <string_view>

namespace arbortls::cert {

// Null for anything else, with nothing in OpenSSL's error queue.
openssl::Pkcs12Ptr parse_pkcs12(std::string_view bytes);

// A file without a passphrase opens with any. What only the legacy provider decrypts is decrypted by
// it, in a library context of its own; that is warned about, with the command that writes the file
// anew.
Result<void> add_pkcs12(Material& material, const PKCS12* pkcs12, const std::string& passphrase,
                        Desk& desk);

}  // namespace arbortls::cert
