#pragma once
// The state directory (0700): the default certificate, ticket keys, and each domain's and certdir's
// last good certificate. When it cannot be written the daemon goes on with what it holds in memory;
// warnings() says so until it can.

#include "base/problem.hpp"
#include "cert/certificate.hpp"
#include "cert/load.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace arbortls::server {

class Store {
 public:
  enum class Access { read_only, read_write };
  Store(std::string directory, Access access);

  const std::string& directory() const noexcept { return directory_; }
  std::string ticket_key_file() const { return directory_ + "/ticket.keys"; }
  bool writable() const noexcept { return access_ == Access::read_write; }

  // Makes the directory, 0700, and its last_good/; writes what could not be written before. Call it
  // now and then.
  void prepare();

  // The default certificate: read, or made for these names and kept. With read_only one that does
  // not exist is null.
  cert::CertificatePtr default_certificate(const std::vector<std::string>& names, std::int64_t now);

  // `key` is a domain's name or `listener NAME`.
  cert::CertificatePtr last_good(const std::string& key, const cert::LoadOptions& options) const;
  // Writes only when the file does not hold it already. Returns false when it cannot be written.
  bool save_last_good(const std::string& key, const cert::Certificate& certificate,
                      const std::string& passphrase, const cert::LoadOptions& options);
  void forget_last_good(const std::string& key);
  // Forgets every last good certificate whose key `known` denies: keys of domains that are gone
  // shall not stay on disk.
  void forget_all_but(const std::function<bool(const std::string& key)>& known);

  // One warning a subject that cannot be kept at the moment.
  Problems warnings() const;
  void note(const std::string& subject, const std::string& trouble);  // "" clears it

 private:
  std::string last_good_file(const std::string& key) const;
  bool holds(const std::string& key, const cert::Certificate& certificate,
             const cert::LoadOptions& options) const;
  void keep_default();

  std::string directory_;
  Access access_;
  cert::CertificatePtr unsaved_default_;  // while it cannot be written
  std::map<std::string, std::string> troubles_;
};

}  // namespace arbortls::server
