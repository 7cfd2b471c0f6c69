#include "base/problem.hpp"

#include <catch2/catch.hpp>

using namespace arbortls;

TEST_CASE("a problem is told with its place, key and message, as far as they are known", "[base]") {
  const auto [problem, expected] = GENERATE(table<Problem, std::string>({
      {{Severity::error, {"a.yaml", 3, 7}, "log.level", "is wrong"}, "a.yaml:3:7: log.level: is wrong"},
      {{Severity::error, {"a.yaml", 3, 0}, "log.level", "is wrong"}, "a.yaml:3: log.level: is wrong"},
      {{Severity::error, {"a.yaml", 0, 7}, "", "is empty"}, "a.yaml: is empty"},
      {{Severity::error, {}, "a.example", "is wrong"}, "a.example: is wrong"},
      {{Severity::error, {}, "", "is wrong"}, "is wrong"},
      {{Severity::warning, {"a.pem", 0, 0}, "a.example", "expires"}, "a.pem: a.example: warning: expires"},
  }));
  CHECK(to_string(problem) == expected);
}

TEST_CASE("only errors are errors", "[base]") {
  const Problem warning{Severity::warning, {}, "", "w"};
  const Problem error{Severity::error, {}, "", "e"};
  CHECK_FALSE(has_errors({}));
  CHECK_FALSE(has_errors({warning, warning}));
  CHECK(has_errors({warning, error}));
}
