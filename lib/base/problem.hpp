#pragma once
// A Problem is one thing an operator has to know about, with the place where it can be mended.

#include <string>
#include <vector>

namespace arbortls {

// Line and column count from 1; 0 means "the file as a whole".
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

enum class Severity { warning, error };

struct Problem {
  Severity severity = Severity::error;
  Place place;
  std::string key;      // dotted path such as `listeners[0].address`; a domain's name for its certificate
  std::string message;  // what is wrong, and what would be right
};

using Problems = std::vector<Problem>;

// `FILE:LINE:COLUMN: key.path: message`; parts that are not known are left out. Warnings begin the
// message with `warning: `.
std::string to_string(const Problem& problem);

bool has_errors(const Problems& problems);

}  // namespace arbortls
