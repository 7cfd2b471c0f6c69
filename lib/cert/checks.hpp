#pragma once
// What makes a key or a certificate unfit to serve: pure judgements, one reason each.

#include "cert/certificate.hpp"
#include "cert/key_read.hpp"
#include "openssl/handles.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::cert {

// `whose` begins the sentence, such as "RSA key" in "RSA key of 1024 bits is too weak, at least
// 2048 are needed".
std::optional<std::string> key_weakness(const EVP_PKEY* key);

// The private part does not belong to the public part that stands beside it.
std::optional<std::string> key_inconsistency(const PrivateKey& key, Tools& tools);

// A signature by MD5, SHA-1 or older, which no client takes any more.
std::optional<std::string> signature_weakness(X509* x509);

bool is_self_signed(X509* x509) noexcept;
bool is_ca(X509* x509) noexcept;

// What clients may dislike about a leaf, apart from its dates and names.
std::vector<std::string> leaf_warnings(X509* leaf);

// Unix seconds; the minimum for a time that cannot be read.
std::int64_t unix_time(const ASN1_TIME* time) noexcept;

// "2026-11-21 12:00:00 UTC"
std::string date_text(std::int64_t unix_time);

}  // namespace arbortls::cert
