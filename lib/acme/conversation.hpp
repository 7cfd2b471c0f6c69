#pragma once
// What all requests to one CA with one account share: directory, nonces, account. Not thread-safe:
// it belongs to the thread that issues certificates, and outlives the Exchanges on it.

#include "acme/account.hpp"
#include "acme/directory.hpp"
#include "acme/message.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace arbortls::acme {

class Conversation {
 public:
  // `state` is what account() was when it was last kept; empty at first.
  Conversation(AccountSettings settings, std::shared_ptr<const AccountKey> key,
               AccountState state = {});

  const AccountSettings& settings() const noexcept { return settings_; }
  const AccountKey& key() const noexcept { return *key_; }

  // To be kept by the caller whenever it has changed.
  const AccountState& account() const noexcept { return state_; }
  void set_account(AccountState state) { state_ = std::move(state); }

  // Null while none was read within the last day.
  const Directory* directory(std::int64_t now) const noexcept;
  void set_directory(Directory directory, std::int64_t now);

  // Takes the nonce out of any reply (RFC 8555, 6.5), and the CA's clock.
  void keep(const Reply& reply, std::int64_t now);
  // The one that came last, which is the one least likely to have expired.
  std::optional<std::string> take_nonce();
  bool has_nonce() const noexcept { return !nonces_.empty(); }
  void drop_nonces() noexcept { nonces_.clear(); }

  // How far the CA's clock was ahead of `now` at its last reply, in seconds.
  std::optional<std::int64_t> clock_offset() const noexcept { return clock_offset_; }

 private:
  AccountSettings settings_;
  std::shared_ptr<const AccountKey> key_;
  AccountState state_;
  std::optional<Directory> directory_;
  std::int64_t directory_read_ = 0;
  std::deque<std::string> nonces_;
  std::optional<std::int64_t> clock_offset_;
};

}  // namespace arbortls::acme
