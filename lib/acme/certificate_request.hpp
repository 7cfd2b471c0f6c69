#pragma once
// The key of a certificate, and the request for one (PKCS#10, RFC 2986; RFC 8555, 7.4).

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::acme {

enum class CertificateKey { ecdsa_p256, rsa_2048 };

std::string_view to_string(CertificateKey key) noexcept;  // "ecdsa-p256", "rsa-2048"

// PKCS#8 PEM. The caller wipes it.
Result<std::string> make_certificate_key(CertificateKey type);

// The first key of that type in a PEM text, alone. The caller wipes it. "" if there is none.
std::string certificate_key_in(std::string_view pem, CertificateKey type);

// DER. SANs only, no common name; `names` are host names, wildcards or addresses. The key may be of
// any kind that cert::load_pem takes, unencrypted.
Result<std::string> make_certificate_request(std::string_view key_pem,
                                             const std::vector<std::string>& names);

}  // namespace arbortls::acme
