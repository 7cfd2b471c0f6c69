#include "base/problem.hpp"

#include <algorithm>

namespace arbortls {

std::string to_string(const Problem& problem) {
  std::string text = problem.place.file;
  if (problem.place.line > 0) text += ':' + std::to_string(problem.place.line);
  if (problem.place.line > 0 && problem.place.column > 0) {
    text += ':' + std::to_string(problem.place.column);
  }
  if (!text.empty()) text += ": ";
  if (!problem.key.empty()) text += problem.key + ": ";
  if (problem.severity == Severity::warning) text += "warning: ";
  return text + problem.message;
}

bool has_errors(const Problems& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& p) { return p.severity == Severity::error; });
}

}  // namespace arbortls
