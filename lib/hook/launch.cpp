#include "hook/launch.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

// The new process runs on memory that the sanitizers' books belong to the parent.
#define ARBORTLS_BEFORE_EXEC \
  __attribute__((no_sanitize("address", "thread", "undefined"), noinline))

namespace arbortls::hook {
namespace {

constexpr rlim_t most_descriptors = 1024;  // select(2) of older programs knows no more
constexpr rlim_t most_memory = rlim_t{1} << 30U;
constexpr rlim_t largest_file = rlim_t{1} << 30U;
constexpr long signal_mask_size = 8;  // the kernel's, not glibc's

using Stack = std::array<char, 64 * 1024>;

// What the two processes say to each other; they share memory, and the parent stands still
// meanwhile.
struct Start {
  const Launch* launch;
  const char* failed_to = nullptr;
  int reason = 0;
};

// Only bare system calls from here on: glibc's setresuid(2) would change the daemon's threads too,
// and its other wrappers may lock.
template <typename Argument>
ARBORTLS_BEFORE_EXEC auto word(Argument argument) {
  if constexpr (std::is_integral_v<Argument> || std::is_enum_v<Argument>) {
    return static_cast<long>(argument);
  } else {
    return static_cast<const volatile void*>(argument);
  }
}

template <typename... Arguments>
ARBORTLS_BEFORE_EXEC long call(long number, Arguments... arguments) {
  return ::syscall(number, word(arguments)...);
}

template <typename... Arguments>
ARBORTLS_BEFORE_EXEC bool done(long number, Arguments... arguments) {
  return call(number, arguments...) >= 0;
}

// Handlers are the daemon's code. All signals are blocked, so that none ran yet.
ARBORTLS_BEFORE_EXEC void reset_signals() {
  // SIG_DFL, no flags, empty mask: all zeros in the kernel's struct, which is smaller than this.
  static constexpr std::array<unsigned char, 64> by_default{};
  for (long signal = 1; signal <= 64; ++signal) {
    call(SYS_rt_sigaction, signal, by_default.data(), nullptr, signal_mask_size);
  }
}

ARBORTLS_BEFORE_EXEC bool set_limit(long resource, rlim_t most) {
  rlimit limit{};
  if (!done(SYS_prlimit64, 0, resource, nullptr, &limit)) return false;
  if (limit.rlim_max > most) limit.rlim_max = most;
  limit.rlim_cur = limit.rlim_max;
  return done(SYS_prlimit64, 0, resource, &limit, nullptr);
}

ARBORTLS_BEFORE_EXEC bool set_limits(rlim_t processor_seconds) {
  return set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_NOFILE, most_descriptors) &&
         set_limit(RLIMIT_DATA, most_memory) && set_limit(RLIMIT_FSIZE, largest_file) &&
         set_limit(RLIMIT_CPU, processor_seconds);
}

ARBORTLS_BEFORE_EXEC bool take_descriptors(const Launch& launch) {
  return done(SYS_dup3, launch.input, 0, 0) && done(SYS_dup3, launch.output, 1, 0) &&
         done(SYS_dup3, launch.output, 2, 0) && done(SYS_close_range, 3, ~0U, 0);
}

// Where memory runs out the program goes before the daemon. Without /proc it stays as it is.
ARBORTLS_BEFORE_EXEC void offer_to_oom_killer() {
  const long file = call(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY);
  if (file < 0) return;
  call(SYS_write, file, "500", 3);
  call(SYS_close, file);
}

ARBORTLS_BEFORE_EXEC bool become(const Identity& identity) {
  return done(SYS_setgroups, 0, nullptr) &&
         done(SYS_setresgid, identity.group, identity.group, identity.group) &&
         done(SYS_setresuid, identity.user, identity.user, identity.user);
}

// Needs CAP_SETPCAP; without that there is no way left to any capability anyhow.
ARBORTLS_BEFORE_EXEC void drop_bounding_set() {
  for (unsigned long capability = 0; capability < 64; ++capability) {
    call(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
}

// For a user that is not root, exec grants what is in the ambient set and what the file carries;
// the second falls to no_new_privs. So it does no harm where a system call filter forbids
// capset(2).
ARBORTLS_BEFORE_EXEC bool drop_capabilities() {
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
  call(SYS_capset, &header, &none[0]);
  return done(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) &&
         done(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

ARBORTLS_BEFORE_EXEC bool unblock_signals() {
  const std::array<unsigned char, signal_mask_size> none{};
  return done(SYS_rt_sigprocmask, SIG_SETMASK, none.data(), nullptr, signal_mask_size);
}

// What could not be done; null once the program runs, to which this never returns.
ARBORTLS_BEFORE_EXEC const char* give_up_all_and_run(const Launch& launch) {
  reset_signals();
  if (!done(SYS_setsid)) return "cannot begin a session";
  call(SYS_umask, 077);
  if (!done(SYS_chdir, "/")) return "cannot leave the directory";
  if (!take_descriptors(launch)) return "cannot close the descriptors";
  offer_to_oom_killer();
  if (!set_limits(launch.processor_seconds)) return "cannot limit its resources";
  drop_bounding_set();
  if (launch.become && !become(*launch.become)) return "cannot change the user";
  if (!drop_capabilities()) return "cannot drop the capabilities";
  // After the change of user, which clears it.
  if (!done(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) return "cannot tie it to the daemon";
  if (!unblock_signals()) return "cannot unblock the signals";
  call(SYS_execve, launch.argv[0], launch.argv, launch.environment);
  return "cannot run it";
}

ARBORTLS_BEFORE_EXEC int begin(void* argument) {
  auto& start = *static_cast<Start*>(argument);
  const char* const failed_to = give_up_all_and_run(*start.launch);
  start.reason = errno;
  start.failed_to = failed_to;
  call(SYS_exit, 127);
  __builtin_unreachable();
}

class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// The thread sanitizer keeps its state of a thread in that memory, and takes what a program that never
// returns from execve(2) has begun for the thread's own: such a build does not hear why one was not started.
#ifdef __SANITIZE_THREAD__
constexpr int shared_memory = 0;
#else
constexpr int shared_memory = CLONE_VM;
#endif

}  // namespace

Result<Child> launch(const Launch& launch) {
  const auto stack = std::make_unique<Stack>();
  Start start{&launch};
  int exited = -1;
  pid_t pid = -1;
  {
    const AllSignalsBlocked blocked;
    // fork(2) would copy the page tables of a daemon of gigabytes, and have each of its threads
    // copy the pages it writes to next.
    pid = ::clone(&begin, stack->data() + stack->size(),
                  shared_memory | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &start, &exited);
  }
  if (pid < 0) return error(std::string("cannot make a process: ") + std::strerror(errno));
  Child child{pid, UniqueFd(exited)};
  if (start.failed_to == nullptr) return child;
  siginfo_t ignored{};
  ::waitid(P_PIDFD, static_cast<id_t>(exited), &ignored, WEXITED);
  return error(std::string(start.failed_to) + ": " + std::strerror(start.reason));
}

}  // namespace arbortls::hook
