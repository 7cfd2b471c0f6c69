#pragma once
// A Record is one certificate's place as loaded: a domain with its settings, or a listener's certdir. It remembers
// what it was read from, what is served, and what is wrong.

#include "base/problem.hpp"
#include "cert/certificate.hpp"
#include "cert/load.hpp"
#include "config/settings.hpp"
#include "server/file_state.hpp"
#include "server/store.hpp"
#include "tls/site.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace arbortls::server {

// The part that domains and certdirs share.
struct Served {
  cert::CertificatePtr certificate;  // null: none that can be served
  cert::Digest content{};            // SHA-256 of what it was read from
  bool from_last_good = false;       // the source is broken, this is an earlier one
  bool pending = false;              // the source is still to be read; the certificate is an earlier one
  std::uint32_t missing_issuer = 0;  // as of cert::Loaded
  tls::Own own = tls::Own::nothing;  // of a domain: who has put the source there, as last read
  Problems problems;
};

struct Record {
  config::Domain domain;  // an inline text is wiped once it is loaded
  bool in_main_file = false;
  std::string pem_file;   // where certificate_pem stands; "" = inline, or none
  bool has_source = false;
  bool has_pem_file = false;  // NAME.pem is there, used or not
  Served served;
  Problems settings_problems;  // errors: its file is broken or cannot apply, the settings are the last good ones
  FileState settings_state = unsure;     // of NAME.yaml when it was read
  FileState certificate_state = unsure;  // of all that the certificate was read from
};

// The explicit one, or "".
std::string_view parent_of(const Record& record);

// Books share the records that are the same in both.
using RecordPtr = std::shared_ptr<const Record>;

// Whether the tree shows the same of both, apart from their places in a file.
bool same_in_tree(const Record& a, const Record& b);

// A certdir's name in the store, in troubles and in explain.
inline std::string certdir_key(const config::Listener& listener) { return "listener " + listener.name; }

struct LoadContext {
  Store* store;
  cert::ChainPool* chains;
  std::int64_t now;
  bool strict_key_permissions;
  bool complete_chains = false;
};

// Reads and checks `record`'s certificate. On failure keeps `before`'s, else the stored one. `before` may be null. An
// inline text is wiped, whatever comes of it. A certificate_state that is known already is kept.
void load_certificate(Record& record, const Served* before, const LoadContext& context);

// The same for a certdir; `key` is its name in the store.
Served load_certdir(const std::string& directory, const std::string& key,
                    const std::optional<config::Located<config::SecretSource>>& passphrase,
                    const Served* before, const LoadContext& context);

// The text of a secret's file without its line end; "" for none. The caller wipes it.
Result<std::string> read_passphrase(const std::optional<config::Located<config::SecretSource>>& source);

}  // namespace arbortls::server
