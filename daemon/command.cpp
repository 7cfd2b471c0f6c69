#include "daemon/command.hpp"

#include <iostream>

namespace arbortls::daemon {

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& exit_codes) {
  auto* command = parent.add_subcommand(name, description);
  command->set_version_flag("--version", "arbortls " ARBORTLS_VERSION);
  if (!exit_codes.empty()) command->footer("Exit: " + exit_codes);
  return command;
}

void add_config_option(CLI::App& command, std::string& file) {
  command.add_option("-c,--config", file, "configuration file")
      ->type_name("FILE")
      ->capture_default_str();
}

void add_json_option(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "print JSON");
}

int fail(const std::string& message) {
  std::cerr << "arbortls: " << message << '\n';
  return 1;
}

}  // namespace arbortls::daemon
