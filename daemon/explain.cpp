#include "admin/render.hpp"
#include "daemon/command.hpp"
#include "daemon/live.hpp"
#include "server/commands.hpp"

#include <memory>

namespace arbortls::daemon {
namespace {

struct Options {
  LiveOptions live;
  bool ask_daemon = false;
  bool no_sni = false;
  std::string listener;
  std::string name;
};

std::string target_of(const Options& options) {
  std::string target = "/explain?";
  target += options.no_sni ? "no_sni=1" : "name=" + admin::percent_encode(options.name);
  if (!options.listener.empty()) target += "&listener=" + admin::percent_encode(options.listener);
  return target;
}

std::string render(const boost::json::value& value) {
  return value.is_object() ? admin::explain_text(value.get_object()) : admin::generic_text(value);
}

int run(const Options& options) {
  if (options.ask_daemon || !options.live.socket.empty())
    return show(options.live, target_of(options), render);
  server::ExplainRequest request;
  request.listener = options.listener;
  if (!options.no_sni) request.name = options.name;
  return server::explain(options.live.config_file, request, options.live.json);
}

}  // namespace

void add_explain(CLI::App& app, Chosen& chosen) {
  auto* command =
      add_command(app, "explain", "which certificate and settings a name gets, step by step",
                  "0, 1 bad name or listener (or not running), 2 usage");
  auto options = std::make_shared<Options>();
  add_live_options(*command, options->live);
  command->add_flag("--live", options->ask_daemon,
                    "ask the running daemon instead of the files (implied by --socket)");
  command->add_option("--listener", options->listener, "listener's name; default: the first")
      ->type_name("NAME");
  auto* no_sni = command->add_flag("--no-sni", options->no_sni, "a client that sends no name");
  auto* name = command->add_option("NAME", options->name, "the name a client sends")->type_name("");
  no_sni->excludes(name);
  command->callback([options, name, &chosen] {
    if (name->count() == 0 && !options->no_sni) throw CLI::RequiredError("NAME or --no-sni");
    chosen.run = [options] { return run(*options); };
  });
}

}  // namespace arbortls::daemon
