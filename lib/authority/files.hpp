#pragma once
// The files of an authority's directory.

#include "authority/authority.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <string>

namespace arbortls::authority {

// Errors name the file.
Result<RootCertificate> read_root_file(const std::string& path);
// Refuses a file that others than its owner may touch, or whose owner is neither the directory's
// nor root nor ourselves.
Result<openssl::EvpPkeyPtr> read_key_file(const std::string& path, const std::string& passphrase);

bool is_there(const std::string& path);

// Written by root, a file belongs to whom its directory belongs to: the daemon is to read it.
Result<void> write_file_for_owner(const std::string& path, std::string_view content, mode_t mode);

// Makes the directory, 0700, with its parents, and holds it against others who change it for as
// long as the descriptor lives.
Result<UniqueFd> hold_directory(const std::string& path);

}  // namespace arbortls::authority
