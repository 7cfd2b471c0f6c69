#pragma once
// Process: one hook program that runs, from its start to its end. One thread.

#include "hook/launch.hpp"
#include "hook/program.hpp"

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <string>

namespace arbortls::hook {

class Process {
 public:
  // Error: why it was not started, with the program's path.
  static Result<Process> start(const Program& program, const Facts& facts);
  // Kills it if it still runs, and waits for its end.
  ~Process();
  Process(Process&&) noexcept = default;
  Process& operator=(Process&&) = delete;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Readable once it has ended.
  int exit_descriptor() const noexcept { return child_.exited.get(); }
  // Readable when there is output; -1 once all of it was read.
  int output_descriptor() const noexcept { return output_.get(); }

  // Takes in what is there, and never waits.
  void read_output();
  bool has_ended() const;
  // It and all of its process group.
  void kill() noexcept;
  // Once it has ended: kills what it left behind and says how it ended.
  Outcome finish();

 private:
  Process(Child child, UniqueFd output) : child_(std::move(child)), output_(std::move(output)) {}

  Child child_;
  UniqueFd output_;
  std::string last_output_;
};

}  // namespace arbortls::hook
