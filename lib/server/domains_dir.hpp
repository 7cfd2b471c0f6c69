#pragma once
// What a domains_dir holds: NAME.yaml and NAME.pem, either makes the domain.

#include "base/problem.hpp"

#include <unordered_map>
#include <string>
#include <string_view>

namespace arbortls::server {

struct DomainFiles {
  bool yaml = false;
  bool pem = false;
};

struct DomainsDir {
  std::unordered_map<std::string, DomainFiles> domains;  // by normalized name
  Problems problems;                           // an unreadable directory, names that are not legal
};

DomainsDir list_domains_dir(const std::string& directory);

// What is wrong with the file's name; nothing for files that are not ours to read.
Problems problems_of_entry(const std::string& path);

// The domain that an entry of the directory belongs to; "" for hidden files, temporary files and
// the like.
std::string domain_of_entry(std::string_view file_name);

}  // namespace arbortls::server
