#pragma once
// An account at one CA: what the configuration says of it, and what the CA said.

#include "acme/jose.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace arbortls::acme {

// From the configuration.
struct AccountSettings {
  std::string directory;                      // the CA's directory URL
  std::string email{};                        // "" for none
  std::optional<ExternalAccount> external{};  // used only where an account is made
};

// To be kept across restarts, one for each directory, beside the account key; holds no secret.
struct AccountState {
  std::string url{};    // the account's ("kid"); "" while there is none
  std::string email{};  // as the CA has it
  std::string terms{};  // URL of the terms that were agreed to when it was made

  bool operator==(const AccountState&) const = default;
};

std::string to_json(const AccountState& state);
Result<AccountState> account_state_from_json(std::string_view text);

}  // namespace arbortls::acme
