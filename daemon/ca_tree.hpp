#pragma once
// What the ca commands take from a configuration.

#include "authority/directory.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace arbortls::daemon {

struct CaSettings {
  std::string master_domain;
  std::vector<std::string> names;      // of the whole tree
  std::vector<std::string> addresses;  // that certificates are to bear
  std::string passphrase_file;         // "" for none
  std::int64_t lifetime = 0;           // seconds
  std::int64_t root_lifetime = 0;
  authority::Directory directory;
};

// The error is every problem of the configuration, one a line.
Result<CaSettings> read_ca_settings(const std::string& config_file);

}  // namespace arbortls::daemon
