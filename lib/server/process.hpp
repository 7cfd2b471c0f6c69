#pragma once
// What the process asks of the kernel before it serves, and the words it has with systemd.

#include "base/problem.hpp"

#include <cstdint>
#include <string>

namespace arbortls::server {

// No core dumps and no ptrace by others while keys are held; SIGPIPE ignored; RLIMIT_NOFILE raised to its hard limit.
// Returns how many connections fit into the descriptors: each takes two, some stay for files and logs.
std::int64_t prepare_process();

// Makes the calling thread, and those it starts from then on, yield to the others.
void lower_priority(int niceness);

// Makes the calling thread run as soon as it has something to do, even while another uses its
// processor: it asks for a short slice (sched_setattr(2)), which Linux heeds from 6.12 on.
void prefer_promptness();

// sd_notify(3); nothing happens outside systemd.
void notify_ready(const std::string& status);
void notify_reloading();
void notify_status(const std::string& status);
void notify_stopping();
void notify_watchdog();
// Microseconds between signs of life that systemd wants; 0 for none.
std::uint64_t watchdog_interval();

}  // namespace arbortls::server
