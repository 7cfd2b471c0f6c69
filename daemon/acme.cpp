#include "admin/message.hpp"
#include "admin/render.hpp"
#include "daemon/command.hpp"
#include "daemon/live.hpp"

#include <memory>
#include <string>

namespace arbortls::daemon {
namespace {

// An order takes seconds; one that waits for DNS, some minutes.
constexpr std::chrono::minutes order_timeout{20};

struct OneDomain {
  LiveOptions live;
  std::string domain;
};

int change(const OneDomain& options, const std::string& path) {
  const std::string target = path + "?name=" + admin::percent_encode(options.domain);
  const auto response = ask(options.live, "POST", target, order_timeout);
  if (!response) return 1;
  if (response->status != 200) return refused(options.live, *response);
  print(options.live, *response, admin::generic_text);
  return 0;
}

void add_query(CLI::App& acme, Chosen& chosen, const char* name, const char* description, const char* target) {
  auto* command = add_command(acme, name, description, "0, 1 not running, 2 usage");
  auto options = std::make_shared<LiveOptions>();
  add_live_options(*command, *options);
  command->callback([options, target, &chosen] {
    chosen.run = [options, target] { return show(*options, target, admin::generic_text); };
  });
}

void add_change_of_one(CLI::App& acme, Chosen& chosen, const std::string& name, const std::string& description) {
  auto* command = add_command(acme, name, description, "0, 1 refused or failed, 2 usage");
  auto options = std::make_shared<OneDomain>();
  command->add_option("NAME", options->domain, "the domain")->required()->type_name("");
  add_live_options(*command, options->live);
  command->callback([options, name, &chosen] {
    chosen.run = [options, name] { return change(*options, "/acme/" + name); };
  });
}

}  // namespace

void add_acme(CLI::App& app, Chosen& chosen) {
  auto* acme = add_command(app, "acme", "certificates that are made automatically", "");
  add_query(*acme, chosen, "status", "domains whose certificates are made, and how that goes", "/acme");
  add_query(*acme, chosen, "dry-run", "what would be made, and what would keep that from succeeding; orders nothing",
            "/acme/dry-run");
  add_change_of_one(*acme, chosen, "renew", "make a new certificate now, and wait for it");
  add_change_of_one(*acme, chosen, "revoke", "have the CA revoke it, and make a new one with a new key");
}

}  // namespace arbortls::daemon
