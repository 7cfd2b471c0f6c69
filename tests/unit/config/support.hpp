#pragma once
// Shared by the tests of config: problems as the lines an operator sees, and a sound text to vary.

#include "config/load.hpp"

#include <string>
#include <vector>

namespace arbortls::config::test {

inline std::vector<std::string> lines(const Problems& problems) {
  std::vector<std::string> all;
  for (const Problem& problem : problems) all.push_back(to_string(problem));
  return all;
}

inline std::vector<std::string> problems_of(const std::string& text) {
  return lines(parse(text, "/etc/a.yaml").problems);
}

// A whole configuration without a problem, on which tests stand; appended keys begin in line 4.
inline std::string sound() {
  return "master_domain: softphone.example\n"
         "backends: [{name: web, servers: [\"127.0.0.1:8088\"]}]\n"
         "listeners: [{address: \"[::]:443\", backend: web}]\n";
}

}  // namespace arbortls::config::test
