#pragma once
// Signed requests (RFC 7515 as RFC 8555, 6.2 uses it), External Account Binding, and what
// challenges are answered with.

#include "acme/account_key.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace arbortls::acme {

struct JwsHeader {
  std::string url;
  std::string nonce;
  std::string kid{};  // the account's URL; "" puts the public key itself in
};

// The flattened JSON serialization; `payload` is JSON text, "" for a POST-as-GET.
Result<std::string> sign_jws(const AccountKey& key, const JwsHeader& header,
                             std::string_view payload);

// External Account Binding (RFC 8555, 7.3.4): what the CA gave its customer.
struct ExternalAccount {
  std::string key_id;
  std::string hmac_key;             // base64url, as CAs hand it out; secret
  std::string algorithm = "HS256";  // or HS384, HS512
};

// JSON text of the `externalAccountBinding`.
Result<std::string> bind_external_account(const ExternalAccount& external, const AccountKey& key,
                                          std::string_view new_account_url);

// RFC 8555, 8.1.
std::string key_authorization(std::string_view token, const AccountKey& key);

// What the TXT record holds (RFC 8555, 8.4).
std::string dns01_value(std::string_view key_authorization);

}  // namespace arbortls::acme
