#pragma once
// A hook program as configured, what it is told, and how it ended. Values only.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace arbortls::hook {

struct Program {
  // The first is the program's absolute path. No shell reads them.
  std::vector<std::string> argv;
  // Whom it runs as where the daemon is root, never root itself; else it runs as the daemon's user.
  std::string user = "nobody";
  std::chrono::seconds deadline{60};  // then it and all that it started are killed
};

// What a program is told, in its environment: {"domain", "a.example"} becomes
// ARBORTLS_DOMAIN=a.example. Besides these it has PATH and LANG, nothing of the daemon's. Control
// characters become spaces; values over 4 kB are cut.
using Facts = std::vector<std::pair<std::string, std::string>>;

struct Outcome {
  enum class End { exited, signalled, overdue, not_started };

  End end = End::not_started;
  int code = 0;  // exit code, or the signal's number
  // The last 4 kB of what it wrote to stdout and stderr; why it was not started.
  std::string output;

  bool succeeded() const noexcept { return end == End::exited && code == 0; }
};

// "exit code 3", "ended by signal 11", "killed at its deadline", "not started: ...", without the
// output.
std::string describe(const Outcome& outcome);

}  // namespace arbortls::hook
