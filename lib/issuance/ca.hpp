#pragma once
// A Ca is one account at one CA, with its key and all that its requests share. One thread.

#include "acme/conversation.hpp"
#include "acme/ledger.hpp"
#include "base/result.hpp"
#include "tls/automatic.hpp"

#include <memory>
#include <string>

namespace arbortls::issuance {

struct Ca {
  std::string account;  // see account_of()
  std::string ca_file;
  acme::Conversation conversation;
  std::string refusal;  // not empty: the account is of no use until the configuration changes

  // `directory` (0700) keeps the account's key: made at the first use, once. `entry` is brought up to date.
  static Result<std::shared_ptr<Ca>> open(const tls::Automatic& settings, const std::string& directory,
                                          acme::Ledger::Account& entry);

  // Whether it was opened with these settings, secrets read anew included.
  bool fits(const tls::Automatic& settings) const;
};

}  // namespace arbortls::issuance
