#pragma once
// How a subcommand is made known to the command line. One add_* function a group of subcommands;
// each sets Chosen::run when its subcommand was given, and main runs it.

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace arbortls::daemon {

inline constexpr const char* default_config_file = "/etc/arbortls/arbortls.yaml";

struct Chosen {
  std::function<int()> run;  // returns the process's exit code
};

void add_serve(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_explain(CLI::App& app, Chosen& chosen);
void add_live(CLI::App& app, Chosen& chosen);  // status, tree, certs, connections, metrics
void add_expiring(CLI::App& app, Chosen& chosen);
void add_change(CLI::App& app, Chosen& chosen);  // reload, drain
void add_cert(CLI::App& app, Chosen& chosen);
void add_ca(CLI::App& app, Chosen& chosen);
void add_acme(CLI::App& app, Chosen& chosen);

// A subcommand with --help and --version; its epilogue lists the exit codes.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& exit_codes);
void add_config_option(CLI::App& command, std::string& file);
void add_json_option(CLI::App& command, bool& json);

// To standard error, with the program's name in front. Returns 1.
int fail(const std::string& message);

}  // namespace arbortls::daemon
