#pragma once
// How the kernel gets from `/` to what a path names: each entry looked up, symlinks followed (40 at most, as the kernel does).
// A change of any of these entries may change what the path means.

#include <string>
#include <vector>

namespace arbortls::watch {

struct Link {
  std::string directory;  // real path: no symlink in it
  std::string name;       // the entry looked up in it
  bool operator==(const Link&) const = default;
};

struct Chain {
  std::vector<Link> links;  // ends at the first entry that does not exist, if any
  std::string real;         // what the path names in the end; "" when it does not exist
};

// A relative path starts at the current directory.
Chain resolve_links(const std::string& path);

bool is_symlink(const std::string& path) noexcept;

}  // namespace arbortls::watch
