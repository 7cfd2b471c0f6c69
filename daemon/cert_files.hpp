#pragma once
// Files that the cert commands read and write.

#include "base/result.hpp"

#include <string>
#include <vector>

namespace arbortls::daemon {

// "" for no file; one line end at the end of the file is not part of the passphrase.
Result<std::string> read_passphrase(const std::string& file);
// "-" is standard input. At most 16 MB.
Result<std::string> read_input(const std::string& file);
// `content` may hold a key: 0600, and never over what is there unless forced.
Result<void> write_secret(const std::string& file, const std::string& content, bool force);
// Refused if any of them exists, even as a dangling link.
Result<void> must_not_exist(const std::vector<std::string>& files);
// With its parents.
Result<void> create_directory(const std::string& directory);

}  // namespace arbortls::daemon
