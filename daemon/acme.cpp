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

void add_status(CLI::App& acme, Chosen& chosen) {
  auto* command = add_command(acme, "status", "domains whose certificates are made, and how that goes",
                              "0, 1 not running, 2 usage");
  auto options = std::make_shared<LiveOptions>();
  add_live_options(*command, *options);
  command->callback([options, &chosen] {
    chosen.run = [options] { return show(*options, "/acme", admin::generic_text); };
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
  add_status(*acme, chosen);
  add_change_of_one(*acme, chosen, "renew", "make a new certificate now, and wait for it");
  add_change_of_one(*acme, chosen, "revoke", "have the CA revoke it, and make a new one with a new key");
}

}  // namespace arbortls::daemon
