#pragma once
// PEM text of keys and certificates.

#include "cert/certificate.hpp"
#include "openssl/handles.hpp"

#include <string>

namespace arbortls::cert {

// PKCS#8; with a passphrase encrypted (AES-256-CBC). "" on failure. The caller wipes it.
std::string key_to_pem(EVP_PKEY* key, const std::string& passphrase);

std::string certificate_to_pem(X509* x509);
std::string certificate_to_pem(const Bytes& der);

}  // namespace arbortls::cert
