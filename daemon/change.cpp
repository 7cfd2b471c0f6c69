#include "admin/render.hpp"
#include "daemon/command.hpp"
#include "daemon/live.hpp"

#include <memory>

namespace arbortls::daemon {
namespace {

struct Change {
  const char* name;
  const char* description;
  const char* target;
  std::chrono::seconds timeout;
  Renderer render;
};

std::string reload_of(const boost::json::value& value) {
  return value.is_object() ? admin::reload_text(value.get_object()) : admin::generic_text(value);
}

int run(const LiveOptions& options, const Change& change) {
  const auto response = ask(options, "POST", change.target, change.timeout);
  if (!response) return 1;
  if (response->status == 409) {
    print(options, *response, change.render);
    return 1;
  }
  if (response->status != 200 && response->status != 202) return refused(options, *response);
  print(options, *response, change.render);
  return 0;
}

void add_one(CLI::App& app, Chosen& chosen, const Change& change) {
  auto* command = add_command(app, change.name, change.description, "0, 1 refused, 2 usage");
  auto options = std::make_shared<LiveOptions>();
  add_live_options(*command, *options);
  command->callback([options, change, &chosen] {
    chosen.run = [options, change] { return run(*options, change); };
  });
}

}  // namespace

void add_change(CLI::App& app, Chosen& chosen) {
  using namespace std::chrono_literals;
  // A hundred thousand certificates take a while; a drain takes as long as drain_timeout says.
  add_one(app, chosen,
          {"reload", "read everything again; on any error the old configuration stays", "/reload",
           10min, reload_of});
  add_one(app, chosen,
          {"drain", "stop accepting, let connections finish, and wait for it", "/drain", 24h,
           admin::generic_text});
}

}  // namespace arbortls::daemon
