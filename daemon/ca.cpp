#include "daemon/ca_commands.hpp"
#include "daemon/command.hpp"

#include <memory>

namespace arbortls::daemon {
namespace {

constexpr const char* exit_codes = "0, 1 not done, 2 usage";

void add_ca_options(CLI::App& command, CaOptions& options) {
  options.config_file = default_config_file;
  add_config_option(command, options.config_file);
  add_json_option(command, options.json);
}

void add_passphrase_option(CLI::App& command, CaOptions& options) {
  command
      .add_option("--passphrase-file", options.passphrase_file,
                  "file with the passphrase of the root's key; default: as configured")
      ->type_name("FILE");
}

void add_make_root(CLI::App& ca, Chosen& chosen, const char* name, const char* does, bool next) {
  auto* command = add_command(ca, name, does, exit_codes);
  auto options = std::make_shared<MakeRootOptions>();
  options->next = next;
  add_ca_options(*command, options->ca);
  add_passphrase_option(*command, options->ca);
  command->add_option("--name", options->name, "the root's name; default: the master domain's")
      ->type_name("TEXT");
  command
      ->add_option("--permit", options->permitted,
                   "host names that it may sign for, with all below them; default: the tree's")
      ->type_name("NAME");
  command
      ->add_option("--network", options->networks,
                   "addresses that it may sign for; default: the private ones and those configured")
      ->type_name("NETWORK");
  command->add_option("--days", options->days, "lifetime; default: as configured")
      ->check(CLI::Range(1, 36'500));
  command->add_flag("--constraints-not-critical", options->not_critical,
                    "for phones that refuse a root with critical name constraints");
  command->callback([options, &chosen] { chosen.run = [options] { return make_root(*options); }; });
}

void add_show(CLI::App& ca, Chosen& chosen) {
  auto* command = add_command(ca, "show", "the root, its fingerprints, what it may sign for",
                              "0, 1 none or unreadable, 2 usage");
  auto options = std::make_shared<CaOptions>();
  add_ca_options(*command, *options);
  command->callback(
      [options, &chosen] { chosen.run = [options] { return show_roots(*options); }; });
}

void add_export(CLI::App& ca, Chosen& chosen) {
  auto* command = add_command(
      ca, "export", "write the root for clients: PEM, DER or an Apple profile", exit_codes);
  auto options = std::make_shared<ExportOptions>();
  add_ca_options(*command, options->ca);
  const auto add_form = [&](const char* flag, ExportForm form, const char* what) {
    return command->add_flag_callback(
        flag, [options, form] { options->form = form; }, what);
  };
  auto* pem = add_form("--pem", ExportForm::pem, "PEM (the default)");
  auto* der = add_form("--der", ExportForm::der, "DER");
  auto* profile = add_form("--mobileconfig", ExportForm::mobileconfig, "Apple profile");
  pem->excludes(der)->excludes(profile);
  der->excludes(profile);
  command->add_flag("--next", options->next, "the next root, not the one in use");
  command->add_option("--out", options->out, "write it there instead of printing it")
      ->type_name("FILE");
  command->add_flag("--force", options->force, "overwrite what is there");
  command->callback(
      [options, &chosen] { chosen.run = [options] { return export_root(*options); }; });
}

void add_issue(CLI::App& ca, Chosen& chosen) {
  auto* command =
      add_command(ca, "issue", "make server.key and server.crt, signed by the root", exit_codes);
  auto options = std::make_shared<IssueOptions>();
  add_ca_options(*command, options->ca);
  add_passphrase_option(*command, options->ca);
  command->add_option("NAME", options->names, "host names, wildcards or IP addresses")
      ->required()
      ->type_name("");
  command->add_option("--ip", options->addresses, "further IP addresses")->type_name("ADDRESS");
  command->add_option("--out", options->out, "directory, created if missing")
      ->required()
      ->type_name("DIR");
  command->add_option("--days", options->days, "lifetime; default: as configured")
      ->check(CLI::Range(1, 825));
  command->add_flag("--rsa", options->rsa, "an RSA key of 2048 bits instead of P-256");
  command->add_flag("--force", options->force, "overwrite what is there");
  command->callback(
      [options, &chosen] { chosen.run = [options] { return issue_leaf(*options); }; });
}

void add_use_next(CLI::App& ca, Chosen& chosen) {
  auto* command = add_command(
      ca, "use-next-root", "sign with the next root from now on: the clients have it", exit_codes);
  auto options = std::make_shared<CaOptions>();
  add_ca_options(*command, *options);
  command->callback(
      [options, &chosen] { chosen.run = [options] { return use_next_root(*options); }; });
}

}  // namespace

void add_ca(CLI::App& app, Chosen& chosen) {
  auto* ca = add_command(app, "ca", "an authority of one's own, for local names", "");
  add_make_root(*ca, chosen, "init", "make the root, once", false);
  add_show(*ca, chosen);
  add_export(*ca, chosen);
  add_issue(*ca, chosen);
  add_make_root(*ca, chosen, "renew-root", "make the next root beside the one in use", true);
  add_use_next(*ca, chosen);
}

}  // namespace arbortls::daemon
