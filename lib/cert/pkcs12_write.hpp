#pragma once
// PKCS#12 as today's programs read it (RFC 7292): AES-256 and SHA-256.

#include "base/result.hpp"
#include "cert/certificate.hpp"

#include <string>

namespace arbortls::cert {

// Each pair's key and certificate, marked as belonging together, and the chains. Without a
// passphrase it is encrypted with an empty one.
Result<std::string> to_pkcs12(const Certificate& certificate, const std::string& passphrase);

}  // namespace arbortls::cert
