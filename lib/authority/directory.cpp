#include "authority/directory.hpp"

#include "authority/files.hpp"
#include "cert/checks.hpp"
#include "cert/load.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace arbortls::authority {
namespace {

struct Files {
  std::string certificate;
  std::string key;
};

Files root_files(const std::string& directory) {
  return {directory + "/root.crt", directory + "/root.key"};
}
Files next_files(const std::string& directory) {
  return {directory + "/next.crt", directory + "/next.key"};
}

// use_next() renames the key, then the certificate: between the two the next root has no key of
// that name, and root.key is its own.
bool switch_was_cut_off(const std::string& directory) {
  const Files next = next_files(directory);
  return is_there(next.certificate) && !is_there(next.key);
}

Error there_is_none(const std::string& directory) {
  return error(directory + ": there is no root yet: `arbortls ca init` makes one");
}

// Where the root and the next one are to be read, whatever was cut off.
struct Places {
  Files root;
  std::optional<Files> next;
};

Result<Places> places_in(const std::string& directory) {
  Places places{root_files(directory), std::nullopt};
  if (switch_was_cut_off(directory)) {
    places.root.certificate = next_files(directory).certificate;
  } else if (is_there(next_files(directory).certificate)) {
    places.next = next_files(directory);
  }
  if (!is_there(places.root.certificate)) return there_is_none(directory);
  return places;
}

Result<Authority> load_one(const Files& files, const std::string& passphrase, std::int64_t now) {
  const auto root = read_root_file(files.certificate);
  if (!root) return root.error();
  if (now > root->not_after) {
    return error(files.certificate + ": expired on " + cert::date_text(root->not_after) +
                 ": `arbortls ca renew-root` makes the next one");
  }
  auto key = read_key_file(files.key, passphrase);
  if (!key) return key.error();
  auto authority = Authority::of(root->pem(), std::move(*key));
  if (!authority) return error(files.key + ": " + authority.error().message);
  return authority;
}

// A key without its certificate is what was left when making a root was cut off: it is used.
Result<Authority> make_from(const Files& files, const RootWish& wish, const std::string& passphrase,
                            std::int64_t now) {
  if (!is_there(files.key)) return Authority::make(wish, now);
  auto key = read_key_file(files.key, passphrase);
  if (!key) return key.error();
  return Authority::make(wish, std::move(*key), now);
}

Result<Authority> make_in(const Files& files, const RootWish& wish, const std::string& passphrase,
                          std::int64_t now) {
  if (is_there(files.certificate)) return error(files.certificate + ": is there already");
  auto authority = make_from(files, wish, passphrase, now);
  if (!authority) return authority.error();
  std::string key = authority->key_pem(passphrase);
  if (key.empty()) return error("cannot write a key: " + openssl::drain_errors());
  Result<void> written = write_file_for_owner(files.key, key, 0600);
  cert::wipe(key);
  if (written) written = write_file_for_owner(files.certificate, authority->root().pem(), 0644);
  if (!written) return written.error();
  return authority;
}

Result<void> move_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return {};
  return error(from + ": cannot rename to " + to + ": " + std::strerror(errno));
}

Result<void> finish_switch(const std::string& directory) {
  if (!switch_was_cut_off(directory)) return {};
  return move_file(next_files(directory).certificate, root_files(directory).certificate);
}

}  // namespace

Result<Leaf> Authorities::issue(const LeafWish& wish, std::int64_t now) const {
  const bool within_root = not_permitted(root.root().permitted, wish.names).empty();
  if (!within_root && next && not_permitted(next->root().permitted, wish.names).empty())
    return next->issue(wish, now);
  auto leaf = root.issue(wish, now);
  if (leaf || within_root) return leaf;
  return error(leaf.error().message + ". `arbortls ca renew-root` makes a root that may");
}

bool Directory::exists() const { return places_in(path_).has_value(); }

Result<Authority> Directory::make(const RootWish& wish, const std::string& passphrase,
                                  std::int64_t now) const {
  const auto held = hold_directory(path_);
  if (!held) return held.error();
  if (const auto finished = finish_switch(path_); !finished) return finished.error();
  return make_in(root_files(path_), wish, passphrase, now);
}

Result<Roots> Directory::load_roots() const {
  const auto places = places_in(path_);
  if (!places) return places.error();
  auto root = read_root_file(places->root.certificate);
  if (!root) return root.error();
  Roots roots{std::move(*root), std::nullopt};
  if (places->next) {
    auto next = read_root_file(places->next->certificate);
    if (!next) return next.error();
    roots.next = std::move(*next);
  }
  return roots;
}

Result<Authorities> Directory::load(const std::string& passphrase, std::int64_t now) const {
  const auto places = places_in(path_);
  if (!places) return places.error();
  auto root = load_one(places->root, passphrase, now);
  if (!root) return root.error();
  Authorities authorities{std::move(*root), std::nullopt};
  if (places->next) {
    auto next = load_one(*places->next, passphrase, now);
    if (!next) return next.error();
    authorities.next = std::move(*next);
  }
  return authorities;
}

Result<Authority> Directory::make_next(const RootWish& wish, const std::string& passphrase,
                                       std::int64_t now) const {
  if (!exists()) return there_is_none(path_);
  const auto held = hold_directory(path_);
  if (!held) return held.error();
  if (const auto finished = finish_switch(path_); !finished) return finished.error();
  return make_in(next_files(path_), wish, passphrase, now);
}

Result<void> Directory::use_next() const {
  if (!exists()) return there_is_none(path_);
  const auto held = hold_directory(path_);
  if (!held) return held.error();
  if (switch_was_cut_off(path_)) return finish_switch(path_);
  const auto roots = load_roots();
  if (!roots) return roots.error();
  if (!roots->next)
    return error(path_ + ": there is no next root: `arbortls ca renew-root` makes one");
  const std::string old = path_ + "/old-" + roots->root.serial + ".crt";
  if (const auto kept = write_file_for_owner(old, roots->root.pem(), 0644); !kept)
    return kept.error();
  const auto moved = move_file(next_files(path_).key, root_files(path_).key);
  if (!moved) return moved.error();
  return finish_switch(path_);
}

}  // namespace arbortls::authority
