#pragma once
// Where an authority lives: a directory (0700) with root.crt (0644) and root.key (0600). While a
// new root is being brought to the clients it stands beside as next.crt and next.key. Blocking.
//
// A change that was cut off is finished by the next one; nothing is ever overwritten but by
// use_next(). Two processes that change the same directory wait for each other.

#include "authority/authority.hpp"
#include "base/problem.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::authority {

// The roots without their keys: for a page, and where the passphrase is not known.
struct Roots {
  RootCertificate root;
  std::optional<RootCertificate> next;
};

// The roots with their keys.
struct Authorities {
  Authority root;
  std::optional<Authority> next;

  // By the root; where it does not permit a name, by the next one, if that does. The error then
  // names what neither permits and the command that mends it.
  Result<Leaf> issue(const LeafWish& wish, std::int64_t now) const;
};

class Directory {
 public:
  explicit Directory(std::string path) : path_(std::move(path)) {}

  const std::string& path() const noexcept { return path_; }
  // There is a root.
  bool exists() const;

  // Makes the root, once. Errors: there is one; the directory cannot be made or written.
  Result<Authority> make(const RootWish& wish, const std::string& passphrase,
                         std::int64_t now) const;

  // Errors: there is none, or it is damaged. Dates are not judged.
  Result<Roots> load_roots() const;
  // Errors besides: a root has expired; its key's file may be touched by others or is another
  // user's; the key needs a passphrase, or another one; it is not the certificate's.
  Result<Authorities> load(const std::string& passphrase, std::int64_t now) const;

  // Makes the next root beside the first. Errors: there is one already.
  Result<Authority> make_next(const RootWish& wish, const std::string& passphrase,
                              std::int64_t now) const;
  // The next root becomes the root. The old certificate stays as old-SERIAL.crt, its key goes.
  Result<void> use_next() const;

 private:
  std::string path_;
};

}  // namespace arbortls::authority
