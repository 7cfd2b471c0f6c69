#pragma once
// What the command line asks of the server module: run, check, explain. Most return the process's exit code
// as the manual page lists them.

#include "base/result.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <string>

namespace arbortls::server {

// Runs the daemon in the foreground until SIGTERM or SIGINT. 0 orderly end, 1 cannot start.
int serve(const std::string& config_file);

// Loads all that serve() would, prints every problem and warning. 0 sound, 1 problems. Writes nothing.
int check(const std::string& config_file, bool json);

struct ExplainRequest {
  std::string listener;             // "" = the first one
  std::optional<std::string> name;  // none = a client that sends no name
};

// 0, or 1 for a bad name, a bad listener or a configuration that cannot be used. Writes nothing.
int explain(const std::string& config_file, const ExplainRequest& request, bool json);

struct TreeLists {
  boost::json::array domains;       // as tree_json()
  boost::json::array certificates;  // as certificates_json()
};

// What a daemon with this configuration would have. Writes nothing.
Result<TreeLists> tree(const std::string& config_file);

// The control socket's path out of a configuration file.
Result<std::string> control_socket_of(const std::string& config_file);

}  // namespace arbortls::server
