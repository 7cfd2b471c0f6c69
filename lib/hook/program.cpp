#include "hook/program.hpp"

namespace arbortls::hook {

std::string describe(const Outcome& outcome) {
  switch (outcome.end) {
    case Outcome::End::exited: return "exit code " + std::to_string(outcome.code);
    case Outcome::End::signalled: return "ended by signal " + std::to_string(outcome.code);
    case Outcome::End::overdue: return "killed at its deadline";
    case Outcome::End::not_started: return "not started: " + outcome.output;
  }
  return "unknown";
}

}  // namespace arbortls::hook
