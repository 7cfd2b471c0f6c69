#pragma once
// Which names a certificate bears, and which names those cover (RFC 6125, RFC 9525). Names are
// handled with their lengths: a NUL ends nothing.

#include "openssl/handles.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::cert {

struct Names {
  std::vector<std::string> names;    // as Pair::names wants them
  bool has_san = false;              // a SAN with a DNS name or an address, legal or not
  std::vector<std::string> refused;  // why a name was left out, one each, fit for a log
};

Names names_of(X509* x509);

// `pattern` comes from a certificate: a lower-case name, `*.` and a name, or an address as text. A
// wildcard stands for exactly one label and never for a part of an address. ASCII case does not
// count in `name`.
bool name_matches(std::string_view pattern, std::string_view name) noexcept;

// RFC 2253, UTF-8, control bytes escaped.
std::string to_text(const X509_NAME* name);

// An IPv4 or IPv6 literal.
bool is_ip_literal(const std::string& text) noexcept;

// Labels of 1 to 63 letters, digits, `-` or `_`, at most 253 in all; the first may be `*`.
bool is_host_name(std::string_view text) noexcept;

}  // namespace arbortls::cert
