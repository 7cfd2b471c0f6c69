#pragma once
// What stat() says about a path, as one number; what it says about a directory's entries, as one number each.
// Two different states share a number once in 2^64.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace arbortls::watch {

using Signature = std::uint64_t;

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) noexcept;

// Follows symlinks. 0 when there is nothing. Device, inode, size, ctime and mtime count, so a date set back shows.
Signature signature_of(const std::string& path) noexcept;

class DirectorySignatures {
 public:
  struct Difference {
    std::vector<std::string> entries;  // new or changed
    bool removed = false;              // some entry is gone
    bool any() const { return removed || !entries.empty(); }
  };

  // Reads the directory again and says what differs from the last time. A directory that is not there is empty.
  Difference update(const std::string& directory);
  // The same for one entry.
  void update_entry(const std::string& directory, const std::string& entry);

 private:
  std::unordered_map<std::uint64_t, Signature> by_name_;
};

// The entries of `directory` that are symlinks.
std::vector<std::string> symlinks_in(const std::string& directory);

}  // namespace arbortls::watch
