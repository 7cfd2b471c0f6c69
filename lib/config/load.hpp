#pragma once
// YAML text to Settings, by one table of keys; every problem is reported, each with its place.

#include "base/problem.hpp"
#include "config/settings.hpp"

#include <string>
#include <string_view>

namespace arbortls::config {

inline constexpr std::size_t max_file = 256u << 20;

struct Parsed {
  Settings settings;
  Problems problems;  // if it has errors, settings are not to be used
};

// `text` is what stands in `file` (for places and relative paths; need not exist). Checks keys,
// types, ranges, names, repeats, dangling backends and aliases, repeated listener/backend/domain
// names. Structural rules of the tree are the tree's own, since `domains_dir` adds to it. Problems
// come in file order; none shows a secret. Throws nothing. Any thread.
Parsed parse(std::string_view text, const std::string& file);

// Reads the file, then parse(). A file that cannot be read is one problem.
Parsed load(const std::string& file);

// One `NAME.yaml` of domains_dir: the keys of a domain, `name` left out (or equal to NAME). Needs
// the main settings for aliases and backend names.
struct ParsedDomain {
  Domain domain;
  Problems problems;
};
ParsedDomain parse_domain(std::string_view text, const std::string& file, const std::string& name,
                          const Settings& settings);

// config/reference.md, made from the table.
std::string reference_markdown();

}  // namespace arbortls::config
