#pragma once
// How much computing a file may ask for before it can be opened.

#include <openssl/x509.h>

namespace arbortls::cert {

// A file can ask for any number of key derivation rounds; more than this would be minutes.
inline constexpr long max_kdf_rounds = 20'000'000;

// By what a password-based encryption says of itself (RFC 8018, RFC 7292); 0 where it says nothing.
long kdf_rounds(const X509_ALGOR* algorithm);

// More than `max_kdf_rounds` for any number above it.
long rounds_in(const ASN1_INTEGER* number) noexcept;

}  // namespace arbortls::cert
