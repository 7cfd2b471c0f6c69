#pragma once
// The one dangerous moment: a new process that shares the daemon's memory until it has become the
// program. It gives up everything of the daemon's between the two.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/resource.h>
#include <sys/types.h>

#include <optional>

namespace arbortls::hook {

struct Identity {
  uid_t user;
  gid_t group;
};

// All of it outlives launch(): the new process can neither allocate nor lock.
struct Launch {
  const char* const* argv;         // ends with a null; the first is an absolute path
  const char* const* environment;  // ends with a null
  int input;                       // becomes 0; neither may be 0, 1 or 2
  int output;                      // becomes 1 and 2
  std::optional<Identity> become;
  rlim_t processor_seconds;
};

struct Child {
  pid_t pid = -1;
  UniqueFd exited;  // a pidfd: readable once it has ended
};

// Returns once the program runs. It leads a session and a process group of its own, and gets
// SIGKILL when the calling thread ends.
Result<Child> launch(const Launch& launch);

}  // namespace arbortls::hook
