#include "issuance/tell_hook.hpp"

#include <string_view>
#include <utility>

namespace arbortls::issuance {

void tell_hook(hook::Runner& runner, const config::Hooks& hooks, const config::CommandLine& command,
               hook::Event event, log::Logger& logger) {
  if (command.empty()) return;
  hook::Program program;
  program.argv = command;
  if (!hooks.run_as.empty()) program.user = hooks.run_as;
  const auto done = [&logger, name = event.name,
                     domain = event.domain](const hook::Outcome& outcome) {
    if (outcome.succeeded()) return;
    logger.warning("a hook failed", {{"event", std::string_view(name)},
                                     {"domain", std::string_view(domain)},
                                     {"problem", std::string_view(hook::describe(outcome))},
                                     {"output", std::string_view(outcome.output)}});
  };
  runner.notify(std::move(program), std::move(event), hook::Runner::Clock::now(), done);
}

}  // namespace arbortls::issuance
