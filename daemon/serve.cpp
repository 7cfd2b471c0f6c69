#include "daemon/command.hpp"
#include "server/commands.hpp"

#include <memory>

namespace arbortls::daemon {

void add_serve(CLI::App& app, Chosen& chosen) {
  auto* command = add_command(app, "serve", "run in the foreground; log to standard error",
                              "0 orderly end, 1 cannot start, 2 usage");
  auto file = std::make_shared<std::string>(default_config_file);
  add_config_option(*command, *file);
  command->callback([file, &chosen] { chosen.run = [file] { return server::serve(*file); }; });
}

void add_check(CLI::App& app, Chosen& chosen) {
  struct Options {
    std::string file = default_config_file;
    bool json = false;
  };
  auto* command =
      add_command(app, "check", "load all that serve would and print every problem and warning",
                  "0 sound, 1 problems, 2 usage");
  auto options = std::make_shared<Options>();
  add_config_option(*command, options->file);
  add_json_option(*command, options->json);
  command->callback([options, &chosen] {
    chosen.run = [options] { return server::check(options->file, options->json); };
  });
}

}  // namespace arbortls::daemon
