#include "daemon/live.hpp"

#include "admin/control_client.hpp"
#include "admin/render.hpp"
#include "admin/tree_text.hpp"
#include "daemon/command.hpp"
#include "server/commands.hpp"

#include <boost/json/parse.hpp>

#include <iostream>
#include <memory>

namespace arbortls::daemon {
namespace {

namespace json = boost::json;
constexpr std::chrono::seconds query_timeout{30};

Result<std::string> socket_of(const LiveOptions& options) {
  if (!options.socket.empty()) return options.socket;
  return server::control_socket_of(options.config_file);
}

std::optional<json::value> parse(const std::string& text) {
  boost::system::error_code code;
  json::value value = json::parse(text, code);
  if (code) return std::nullopt;
  return value;
}

std::string status_of(const json::value& value) {
  return value.is_object() ? admin::status_text(value.get_object()) : admin::generic_text(value);
}

struct Query {
  const char* name;
  const char* description;
  const char* target;
  Renderer render;
};

void add_query(CLI::App& app, Chosen& chosen, const Query& query) {
  auto* command = add_command(app, query.name, query.description, "0, 1 not running, 2 usage");
  auto options = std::make_shared<LiveOptions>();
  add_live_options(*command, *options);
  command->callback([options, query, &chosen] {
    chosen.run = [options, query] { return show(*options, query.target, query.render); };
  });
}

}  // namespace

void add_live_options(CLI::App& command, LiveOptions& options) {
  options.config_file = default_config_file;
  command.add_option("--socket", options.socket, "control socket of the running daemon")
      ->type_name("PATH");
  add_config_option(command, options.config_file);
  add_json_option(command, options.json);
}

std::optional<admin::Response> ask(const LiveOptions& options, const std::string& method,
                                   const std::string& target, std::chrono::milliseconds timeout) {
  const auto socket = socket_of(options);
  if (!socket) {
    fail(socket.error().message);
    return std::nullopt;
  }
  auto response = admin::request(*socket, method, target, "", timeout);
  if (response) return std::move(*response);
  fail(response.error().message);
  return std::nullopt;
}

std::optional<json::value> print(const LiveOptions& options, const admin::Response& response,
                                 const Renderer& render) {
  auto value = parse(response.body);
  if (options.json || !value) {
    std::cout << response.body;
    if (!response.body.ends_with('\n')) std::cout << '\n';
  } else {
    std::cout << render(*value);
  }
  return value;
}

int refused(const LiveOptions& options, const admin::Response& response) {
  if (options.json) std::cout << response.body << '\n';
  const auto value = parse(response.body);
  const auto* object = value ? value->if_object() : nullptr;
  const auto* reason = object != nullptr ? object->if_contains("error") : nullptr;
  if (reason != nullptr && reason->is_string()) return fail(std::string(reason->get_string()));
  std::string text = response.body;
  while (text.ends_with('\n')) text.pop_back();
  return fail("the daemon answers " + std::to_string(response.status) + ": " + text);
}

int show(const LiveOptions& options, const std::string& target, const Renderer& render) {
  const auto response = ask(options, "GET", target, query_timeout);
  if (!response) return 1;
  if (response->status != 200) return refused(options, *response);
  print(options, *response, render);
  return 0;
}

void add_live(CLI::App& app, Chosen& chosen) {
  const Query queries[] = {
      {"status", "health of the running daemon", "/status", status_of},
      {"tree", "the running daemon's tree of domains", "/tree", admin::tree_text},
      {"certs", "certificates in use, by expiry", "/certs", admin::generic_text},
      {"connections", "live connections", "/connections", admin::generic_text},
      {"metrics", "counters in the Prometheus text format", "/metrics", admin::generic_text},
  };
  for (const auto& query : queries) add_query(app, chosen, query);
}

}  // namespace arbortls::daemon
