#include "daemon/ca_tree.hpp"

#include "config/load.hpp"
#include "server/domains_dir.hpp"

namespace arbortls::daemon {
namespace {

Error all_errors(const Problems& problems) {
  std::string text;
  for (const auto& problem : problems) {
    if (problem.severity == Severity::error)
      text += (text.empty() ? "" : "\n") + to_string(problem);
  }
  return error(text);
}

void add_addresses(std::vector<std::string>& addresses, const config::AutomaticPtr& automatic) {
  if (!automatic || !automatic->local_ca_addresses) return;
  const auto& more = *automatic->local_ca_addresses;
  addresses.insert(addresses.end(), more.begin(), more.end());
}

}  // namespace

Result<CaSettings> read_ca_settings(const std::string& config_file) {
  const auto parsed = config::load(config_file);
  if (has_errors(parsed.problems)) return all_errors(parsed.problems);
  const auto& settings = parsed.settings;
  CaSettings read{settings.master_domain,
                  {settings.master_domain},
                  {},
                  {},
                  0,
                  0,
                  authority::Directory(settings.state_dir + "/ca")};
  for (const auto& domain : settings.domains) {
    read.names.push_back(domain.name);
    add_addresses(read.addresses, domain.inherited.automatic);
  }
  if (settings.domains_dir) {
    for (const auto& entry : server::list_domains_dir(settings.domains_dir->value).domains)
      read.names.push_back(entry.first);
  }
  const auto& ca = settings.authority;
  if (ca.key_passphrase) read.passphrase_file = ca.key_passphrase->value.file;
  read.lifetime = ca.lifetime.count() / 1000;
  read.root_lifetime = ca.root_lifetime.count() / 1000;
  return read;
}

}  // namespace arbortls::daemon
