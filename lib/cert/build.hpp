#pragma once
// Steps in building a certificate. False: OpenSSL's error queue tells why.

#include "openssl/handles.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace arbortls::cert {

// `value` as in OpenSSL's configuration files. `issuer` may be `x509` itself.
bool add_extension(X509* x509, X509* issuer, int nid, const std::string& value);

// Positive and at most 20 bytes (RFC 5280, 4.1.2.2).
bool set_random_serial(X509* x509);

// Unix seconds.
bool set_dates(X509* x509, std::int64_t not_before, std::int64_t not_after);

bool set_common_name(X509_NAME* subject, const std::string& name);

// The first that fits in a common name; "arbortls" if none does.
std::string common_name_of(const std::vector<std::string>& names);

// The value of a subjectAltName: each a DNS name or an address by its look.
std::string san_of(const std::vector<std::string>& names);

}  // namespace arbortls::cert
