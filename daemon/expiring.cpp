#include "admin/render.hpp"
#include "daemon/command.hpp"
#include "daemon/duration.hpp"
#include "daemon/live.hpp"

#include <memory>

namespace arbortls::daemon {
namespace {

constexpr int some_expire = 3;
constexpr std::chrono::seconds query_timeout{30};

struct Options {
  LiveOptions live;
  std::string within = "14d";
};

// The list itself, or the first list in an object.
bool is_empty(const boost::json::value& value) {
  if (const auto* list = value.if_array()) return list->empty();
  if (const auto* object = value.if_object())
    for (const auto& field : *object)
      if (const auto* list = field.value().if_array()) return list->empty();
  return true;
}

int run(const Options& options, std::chrono::seconds within) {
  const auto target = "/expiring?within=" + std::to_string(within.count());
  const auto response = ask(options.live, "GET", target, query_timeout);
  if (!response) return 1;
  if (response->status != 200) return refused(options.live, *response);
  const auto value = print(options.live, *response, admin::expiring_text);
  if (!value) return 1;
  return is_empty(*value) ? 0 : some_expire;
}

}  // namespace

void add_expiring(CLI::App& app, Chosen& chosen) {
  auto* command = add_command(app, "expiring", "certificates, chain members and CAs that end soon",
                              "0 none, 1 not running, 2 usage, 3 some");
  auto options = std::make_shared<Options>();
  add_live_options(*command, options->live);
  command->add_option("--within", options->within, "a number with s, m, h, d or w")
      ->type_name("TIME")
      ->capture_default_str();
  command->callback([options, &chosen] {
    const auto within = parse_duration(options->within);
    if (!within) throw CLI::ValidationError("--within", within.error().message);
    chosen.run = [options, within] { return run(*options, *within); };
  });
}

}  // namespace arbortls::daemon
