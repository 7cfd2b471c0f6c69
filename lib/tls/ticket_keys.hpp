#pragma once
// Session ticket keys (RFC 5077; RFC 8446, 4.6.1): three generations, kept in a file across
// restarts. Knows no connection and no policy; what binds a ticket to a domain stands in the
// session-id context.

#include "base/result.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::tls {

// One generation. Wiped when destroyed.
struct TicketKey {
  TicketKey() = default;
  TicketKey(const TicketKey&) = default;
  TicketKey& operator=(const TicketKey&) = default;
  ~TicketKey();

  std::array<unsigned char, 16> name{};  // stands in the ticket, not secret
  std::array<unsigned char, 32> aes{};
  std::array<unsigned char, 32> hmac{};
  std::int64_t made = 0;  // Unix seconds
};

// Immutable; shared by pointer among threads.
class TicketKeys {
 public:
  static constexpr std::size_t most_generations = 3;

  struct Found {
    const TicketKey* key = nullptr;  // null: no such generation; lives as long as the TicketKeys
    bool renew = false;              // an older generation: the client should get a new ticket
  };

  // Newest first, at least one; generations beyond the third are left off.
  explicit TicketKeys(std::vector<TicketKey> newest_first);

  const TicketKey& current() const noexcept { return generations_.front(); }
  Found find(const unsigned char* name16) const noexcept;
  const std::vector<TicketKey>& generations() const noexcept { return generations_; }

 private:
  std::vector<TicketKey> generations_;
};

using TicketKeysPtr = std::shared_ptr<const TicketKeys>;

// The file's content. The text returned is secret: the caller wipes it.
std::string format_ticket_keys(const TicketKeys& keys);
// Null for anything but what format_ticket_keys writes, unharmed.
TicketKeysPtr parse_ticket_keys(std::string_view bytes);

// The keys in a file. Not thread-safe, blocking; one owner. `now` and `lifetime` are seconds;
// `lifetime` is how long one generation issues tickets. A generation opens tickets for three
// lifetimes from when it was made.
class TicketKeyFile {
 public:
  explicit TicketKeyFile(std::string path) : path_(std::move(path)) {}

  // The file's keys, with a new generation if the newest is past its lifetime. A file that is
  // missing, not a regular file of our own with mode 0600, or malformed is replaced; generations
  // that are past their end, or from a future that a clock set back would make, are dropped. What
  // changed is saved, atomically and 0600. Where the file cannot be written the keys are good all
  // the same and live in this object; `warning` says so, and why a file was replaced; it is "" when
  // all is well and may be null. Error: no randomness to be had.
  Result<TicketKeysPtr> load(std::int64_t now, std::int64_t lifetime,
                             std::string* warning = nullptr);

  // A new generation now, whatever the age of the newest; else as load.
  Result<TicketKeysPtr> rotate(std::int64_t now, std::int64_t lifetime,
                               std::string* warning = nullptr);

 private:
  TicketKeysPtr read(std::string& warning) const;
  Result<TicketKeysPtr> refresh(std::int64_t now, std::int64_t lifetime, bool always_new,
                                std::string* warning);
  void save(const TicketKeys& keys, std::string& warning);

  std::string path_;
  TicketKeysPtr unsaved_;  // what the file ought to hold, while it cannot be written
};

// For SSL_CTX_set_tlsext_ticket_key_evp_cb(3): AES-256-CBC and HMAC-SHA-256. Encrypting: 1, or -1
// on failure. Decrypting: 0 unknown key (full handshake), 1 known, 2 known but to be renewed, -1
// failure.
int ticket_key_callback(SSL* ssl, unsigned char* name16, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                        EVP_MAC_CTX* mac, int encrypt, const TicketKeys& keys);

}  // namespace arbortls::tls
