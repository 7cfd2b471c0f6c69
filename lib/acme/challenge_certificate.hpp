#pragma once
// The certificate that answers tls-alpn-01 (RFC 8737, 3): self-signed, P-256, the one name, and the
// critical extension acmeIdentifier with the key authorization's digest.

#include "base/result.hpp"
#include "cert/certificate.hpp"

#include <cstdint>
#include <string_view>

namespace arbortls::acme {

// The application protocol (ALPN) by which a CA asks for it.
inline constexpr std::string_view challenge_protocol = "acme-tls/1";

// `identifier` is a name or an address.
Result<cert::CertificatePtr> make_challenge_certificate(std::string_view identifier,
                                                        std::string_view key_authorization,
                                                        std::int64_t now);

}  // namespace arbortls::acme
