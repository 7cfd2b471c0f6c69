#pragma once
// PEM text of keys and certificates, and DER of keys.

#include "cert/certificate.hpp"
#include "openssl/handles.hpp"

#include <string>

namespace arbortls::cert {

// PKCS#8; with a passphrase encrypted (AES-256-CBC). "" on failure. The caller wipes it.
std::string key_to_pem(EVP_PKEY* key, const std::string& passphrase);

// The same in DER.
std::string key_to_pkcs8(EVP_PKEY* key, const std::string& passphrase);

// Null if its bytes are spoilt.
openssl::EvpPkeyPtr key_of(const Pair& pair);

std::string certificate_to_pem(X509* x509);
std::string certificate_to_pem(const Bytes& der);

// As cert::to_pem() without a passphrase, at a fraction of its cost: keys are written in the form they are
// held in (SEC1, PKCS#1) where that has a name in PEM. For our own eyes.
std::string to_pem_as_held(const Certificate& certificate);

}  // namespace arbortls::cert
