#pragma once
// What the commands that speak to the running daemon share.

#include "admin/message.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace arbortls::daemon {

struct LiveOptions {
  std::string socket;  // "" = control_socket of the configuration file
  std::string config_file;
  bool json = false;
};

void add_live_options(CLI::App& command, LiveOptions& options);

// Sends one request. None: it has been said on standard error why there is no answer.
std::optional<admin::Response> ask(const LiveOptions& options, const std::string& method,
                                   const std::string& target, std::chrono::milliseconds timeout);

using Renderer = std::function<std::string(const boost::json::value&)>;

// Prints the answer as it is (--json) or rendered; the parsed value, none if it is not JSON (then
// it is printed as it is).
std::optional<boost::json::value> print(const LiveOptions& options, const admin::Response& response,
                                        const Renderer& render);

// Says why the daemon did not do it: its {"error": ...} or its text. Returns 1.
int refused(const LiveOptions& options, const admin::Response& response);

// GET, print, 0; or 1 with the reason said.
int show(const LiveOptions& options, const std::string& target, const Renderer& render);

}  // namespace arbortls::daemon
