#include "server/book.hpp"

#include "base/wipe_freed.hpp"

#include <utility>

namespace arbortls::server {

bool Book::save_last_good(std::size_t count) {
  for (; count > 0 && !to_save_.empty(); --count) {
    const std::string key = *to_save_.begin();
    // A full disk stays full for a while: the rest would only fail alike.
    if (!save_one(key)) return false;
    to_save_.erase(key);
  }
  if (!to_save_.empty()) return true;
  if (!std::exchange(swept_, true)) {
    store_->forget_all_but([&](const std::string& key) {
      if (records_.contains(key)) return true;
      for (const config::Listener& listener : settings_.listeners) {
        if (key == certdir_key(listener)) return true;
      }
      return false;
    });
  }
  return false;
}

bool Book::has_stored(const std::string& name, const Served& served) const {
  const auto found = records_.find(name);
  return found != records_.end() && served.certificate &&
         found->second->served.certificate == served.certificate && !to_save_.contains(name);
}

bool Book::save_one(const std::string& key) {
  if (const auto found = records_.find(key); found != records_.end()) {
    const Record& record = *found->second;
    if (record.has_source) return save(key, record.served, record.domain.key_passphrase);
    store_->forget_last_good(key);
    return true;
  }
  for (std::size_t i = 0; i < certdirs_.size(); ++i) {
    const config::Listener& listener = settings_.listeners[i];
    if (key != certdir_key(listener)) continue;
    if (listener.certdir) return save(key, certdirs_[i], listener.key_passphrase);
  }
  store_->forget_last_good(key);
  return true;
}

// Of a source that is broken by now too: what is served may never have been written.
bool Book::save(const std::string& key, const Served& served,
                const std::optional<config::Located<config::SecretSource>>& source) {
  if (!served.certificate) return true;
  const WipeFreed no_copies_of_keys;
  auto passphrase = read_passphrase(source);
  if (!passphrase) return true;  // without it the key would be kept in the clear
  cert::LoadOptions options;
  options.now = clock_();
  options.chains = chains_.get();
  options.passphrase = *passphrase;
  const bool kept = store_->save_last_good(key, *served.certificate, *passphrase, options);
  cert::wipe(*passphrase);
  cert::wipe(options.passphrase);
  return kept;
}

}  // namespace arbortls::server
