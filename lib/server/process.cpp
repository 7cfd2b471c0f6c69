#include "server/process.hpp"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>

namespace arbortls::server {
namespace {

constexpr std::int64_t reserved_descriptors = 48;
constexpr std::uint64_t shortest_slice = 100'000;  // nanoseconds; the kernel's lower bound

// sched_setattr(2)'s; glibc 2.36 has none, and the kernel's header does not go with glibc's.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

}  // namespace

std::int64_t prepare_process() {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_DUMPABLE, 0);
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_NOFILE, &files);
  const auto limit = static_cast<std::int64_t>(std::min<rlim_t>(files.rlim_cur, 1u << 30));
  return std::max<std::int64_t>((limit - reserved_descriptors) / 2, 1);
}

void lower_priority(int niceness) {
  // On Linux a niceness set for a thread's id is that thread's alone.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), ::getpriority(PRIO_PROCESS, 0) + niceness);
}

// Since 6.6 a thread that is woken waits until the running one, however low its priority, has had its
// slice of some milliseconds, unless its own slice is shorter.
void prefer_promptness() {
  SchedulingAttributes attributes;
  attributes.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  attributes.runtime = shortest_slice;
  ::syscall(SYS_sched_setattr, 0, &attributes, 0);  // in vain before 6.12, and no harm
}

void notify_ready(const std::string& status) { ::sd_notifyf(0, "READY=1\nSTATUS=%s", status.c_str()); }

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
               static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

void notify_status(const std::string& status) { ::sd_notifyf(0, "STATUS=%s", status.c_str()); }

void notify_stopping() { ::sd_notify(0, "STOPPING=1"); }

void notify_watchdog() { ::sd_notify(0, "WATCHDOG=1"); }

std::uint64_t watchdog_interval() {
  std::uint64_t microseconds = 0;
  return ::sd_watchdog_enabled(0, &microseconds) > 0 ? microseconds : 0;
}

}  // namespace arbortls::server
