#pragma once
// Ledger: everything of the ACME client that must survive a restart, in one JSON file. It is
// secret: an order in progress holds the key of its certificate to come. Account keys stand in
// files of their own. One thread. Times are Unix seconds; 0 = never.

#include "acme/ari_window.hpp"
#include "acme/backoff.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace arbortls::acme {

struct Ledger {
  struct Account {
    std::string state;                // JSON text of AccountState; empty: none made yet
    std::string key_file;             // name within the state directory
    std::deque<std::int64_t> orders;  // when the last ones were made, oldest first (Budget)
    std::int64_t paused_until = 0;    // a rate limit that named no domain

    bool operator==(const Account&) const = default;
  };
  struct Domain {
    std::string directory;       // the account's, see `accounts`
    std::string certificate_id;  // RFC 9773 section 4.1, of the certificate in force
    std::int64_t by_age = 0;     // drawn renewal_by_age() of that certificate
    std::optional<Suggestion> suggestion;
    std::int64_t next_poll = 0;  // of renewal information
    Backoff backoff;
    std::string last_error;  // empty: none
    std::int64_t failed_at = 0;
    // In progress: JSON text of OrderState; empty: none. Secret: release it under WipeFreed.
    std::string order;

    bool operator==(const Domain&) const = default;
  };

  std::map<std::string, Account> accounts;          // by the directory's URL
  std::unordered_map<std::string, Domain> domains;  // by name

  bool operator==(const Ledger&) const = default;
};

// Errors say what is wrong and where (`domains.a.example.failures`), never what the text holds.
// Members that are not known are skipped; a newer version, a value of the wrong type or one out of
// its range is an error.
Result<Ledger> parse_ledger(std::string_view text);
std::string format_ledger(const Ledger& ledger);

struct OpenedLedger {
  Ledger ledger;
  // Not empty: the file was broken, is now PATH.broken, and the ledger begins anew.
  std::string warning;
};

// No file: an empty ledger. Error: there is one that cannot be read (permissions, I/O), and it was
// left alone.
Result<OpenedLedger> open_ledger(const std::string& path);

// Atomically, with mode 0600. Costs by what is in it (100,000 domains: a third of a second): where
// changes come in crowds, gather them for a second.
Result<void> save_ledger(const std::string& path, const Ledger& ledger);

}  // namespace arbortls::acme
