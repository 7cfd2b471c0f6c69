#pragma once
// The key of an ACME account: P-256 where we made it, RSA where the operator brought one.

#include "base/result.hpp"
#include "openssl/handles.hpp"

#include <string>
#include <string_view>

namespace arbortls::acme {

// Immutable; may be shared among threads.
class AccountKey {
 public:
  static Result<AccountKey> generate();
  // Any unencrypted PEM of a P-256 key, or of an RSA key of 2048 bits or more.
  static Result<AccountKey> from_pem(std::string_view pem);

  // PKCS#8. The caller wipes it. "" on failure.
  std::string to_pem() const;

  const std::string& algorithm() const noexcept { return algorithm_; }  // "ES256" or "RS256"
  // The public key as JSON (RFC 7517), its members in the order of RFC 7638, 3.
  const std::string& jwk() const noexcept { return jwk_; }
  const std::string& thumbprint() const noexcept { return thumbprint_; }  // RFC 7638, SHA-256

  // The signature of RFC 7518, 3.3 or 3.4, base64url.
  Result<std::string> sign(std::string_view input) const;

 private:
  static Result<AccountKey> from_key(openssl::EvpPkeyPtr key);

  openssl::EvpPkeyPtr key_;
  std::string algorithm_, jwk_, thumbprint_;
};

}  // namespace arbortls::acme
