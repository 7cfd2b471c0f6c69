#pragma once
// Real programs for the runner, and waiting for how they end.

#include "hook/runner.hpp"
#include "support/folder.hpp"

#include <poll.h>

#include <map>
#include <sstream>
#include <string>

namespace arbortls::hook {

// A folder that any user may enter, as the programs may run as another.
class Scripts {
 public:
  Scripts() { REQUIRE(::chmod(folder_.path().c_str(), 0777) == 0); }

  Program program(const std::string& name, const std::string& commands) const {
    Program made;
    made.argv = {folder_.put(name, "#!/bin/sh\n" + commands, 0755)};
    return made;
  }
  Outcome run(const std::string& commands, const Facts& facts = {}) const {
    return run_and_wait(program("script", commands), facts);
  }
  // What it writes of the form NAME<separator>value, a line each.
  std::map<std::string, std::string> facts_of(const std::string& commands, char separator,
                                              const Facts& facts = {}) const {
    std::map<std::string, std::string> found;
    const Outcome outcome = run(commands, facts);
    INFO(outcome.output);
    REQUIRE(outcome.succeeded());
    std::istringstream lines(outcome.output);
    for (std::string line; std::getline(lines, line);) {
      const auto at = line.find(separator);
      if (at == std::string::npos) continue;
      const auto begin = line.find_first_not_of(" \t", at + 1);
      found[line.substr(0, at)] = begin == std::string::npos ? "" : line.substr(begin);
    }
    return found;
  }
  // As in /proc/PID/stat; '?' where there is no such process.
  static char state_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string stat;
    std::getline(file, stat);
    const auto end_of_name = stat.rfind(')');
    return end_of_name == std::string::npos ? '?' : stat[end_of_name + 2];
  }
  const test::Folder& folder() const noexcept { return folder_; }

 private:
  test::Folder folder_;
};

// Drives a runner as its loop would, until there is nothing left to do.
inline void drive(Runner& runner) {
  while (runner.running() + runner.waiting() > 0) {
    pollfd ready{runner.descriptor(), POLLIN, 0};
    ::poll(&ready, 1, -1);
    runner.on_ready();
  }
}

}  // namespace arbortls::hook
