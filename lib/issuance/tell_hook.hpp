#pragma once
// An operator's hook program is told of an event; where it fails, the log says so.

#include "config/settings.hpp"
#include "hook/runner.hpp"
#include "log/logger.hpp"

namespace arbortls::issuance {

// `command` is one of `hooks`; empty: nobody is told. `logger` outlives `runner`.
void tell_hook(hook::Runner& runner, const config::Hooks& hooks, const config::CommandLine& command,
               hook::Event event, log::Logger& logger);

}  // namespace arbortls::issuance
