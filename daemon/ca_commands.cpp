#include "daemon/ca_commands.hpp"

#include "authority/directory.hpp"
#include "base/file.hpp"
#include "base/wall_clock.hpp"
#include "cert/load.hpp"
#include "daemon/ca_tree.hpp"
#include "daemon/cert_files.hpp"
#include "daemon/command.hpp"
#include "trust_page/profile.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <iostream>

namespace arbortls::daemon {
namespace {

namespace json = boost::json;
using authority::day;

Result<std::string> passphrase_of(const CaOptions& options, const CaSettings& settings) {
  const bool given = !options.passphrase_file.empty();
  return read_passphrase(given ? options.passphrase_file : settings.passphrase_file);
}

authority::RootWish wish_of(const MakeRootOptions& options, const CaSettings& settings) {
  authority::RootWish wish;
  wish.common_name = options.name.empty() ? settings.master_domain + " root" : options.name;
  wish.permitted.names = options.permitted.empty() ? settings.names : options.permitted;
  wish.permitted.networks = options.networks;
  if (options.networks.empty()) {
    wish.permitted.networks = authority::private_networks();
    wish.permitted.networks.insert(wish.permitted.networks.end(), settings.addresses.begin(),
                                   settings.addresses.end());
  }
  wish.lifetime = options.days > 0 ? options.days * day : settings.root_lifetime;
  wish.critical = !options.not_critical;
  return wish;
}

void tell(bool as_json, const json::object& facts) {
  if (as_json) {
    std::cout << json::serialize(facts) << '\n';
    return;
  }
  for (const auto& fact : facts) std::cout << fact.value().as_string().c_str() << '\n';
}

const authority::RootCertificate* chosen(const authority::Roots& roots, bool next) {
  if (!next) return &roots.root;
  return roots.next ? &*roots.next : nullptr;
}

std::string exported(const authority::RootCertificate& root, ExportForm form) {
  switch (form) {
    case ExportForm::der:
      return {root.der.begin(), root.der.end()};
    case ExportForm::mobileconfig:
      return trust_page::apple_profile(root.common_name, {root});
    case ExportForm::pem:
      break;
  }
  return root.pem();
}

Result<authority::Leaf> issue(const IssueOptions& options, const CaSettings& settings) {
  auto passphrase = passphrase_of(options.ca, settings);
  if (!passphrase) return passphrase.error();
  const std::int64_t now = wall_clock();
  const auto authorities = settings.directory.load(*passphrase, now);
  cert::wipe(*passphrase);
  if (!authorities) return authorities.error();
  authority::LeafWish wish;
  wish.names = options.names;
  wish.names.insert(wish.names.end(), options.addresses.begin(), options.addresses.end());
  wish.lifetime = options.days > 0 ? options.days * day : settings.lifetime;
  if (options.rsa) wish.key = authority::LeafKey::rsa_2048;
  return authorities->issue(wish, now);
}

}  // namespace

int make_root(const MakeRootOptions& options) {
  const auto settings = read_ca_settings(options.ca.config_file);
  if (!settings) return fail(settings.error().message);
  auto passphrase = passphrase_of(options.ca, *settings);
  if (!passphrase) return fail(passphrase.error().message);
  const auto& directory = settings->directory;
  const auto wish = wish_of(options, *settings);
  const auto made = options.next ? directory.make_next(wish, *passphrase, wall_clock())
                                 : directory.make(wish, *passphrase, wall_clock());
  cert::wipe(*passphrase);
  if (!made) return fail(made.error().message);
  const std::string file = directory.path() + (options.next ? "/next" : "/root");
  tell(options.ca.json, {{"certificate", file + ".crt"}, {"key", file + ".key"}});
  return 0;
}

int export_root(const ExportOptions& options) {
  const auto settings = read_ca_settings(options.ca.config_file);
  if (!settings) return fail(settings.error().message);
  const auto roots = settings->directory.load_roots();
  if (!roots) return fail(roots.error().message);
  const auto* root = chosen(*roots, options.next);
  if (root == nullptr) return fail("there is no next root: `arbortls ca renew-root` makes one");
  const std::string content = exported(*root, options.form);
  if (options.out.empty()) {
    std::cout << content;
    return 0;
  }
  if (!options.force)
    if (const auto free = must_not_exist({options.out}); !free) return fail(free.error().message);
  const auto written = write_file_atomically(options.out, content, 0644);
  if (!written) return fail(written.error().message);
  if (options.ca.json) tell(true, {{"file", options.out}});
  return 0;
}

int issue_leaf(const IssueOptions& options) {
  const auto settings = read_ca_settings(options.ca.config_file);
  if (!settings) return fail(settings.error().message);
  const std::string key = options.out + "/server.key";
  const std::string crt = options.out + "/server.crt";
  if (!options.force)
    if (const auto free = must_not_exist({key, crt}); !free) return fail(free.error().message);
  auto leaf = issue(options, *settings);
  if (!leaf) return fail(leaf.error().message);
  Result<void> written = create_directory(options.out);
  if (written) written = write_file_atomically(key, leaf->key_pem, 0600);
  if (written) written = write_file_atomically(crt, leaf->certificate_pem, 0644);
  cert::wipe(leaf->key_pem);
  if (!written) return fail(written.error().message);
  tell(options.ca.json, {{"key", key}, {"certificate", crt}});
  return 0;
}

int use_next_root(const CaOptions& options) {
  const auto settings = read_ca_settings(options.config_file);
  if (!settings) return fail(settings.error().message);
  const auto used = settings->directory.use_next();
  if (!used) return fail(used.error().message);
  tell(options.json, {{"certificate", settings->directory.path() + "/root.crt"}});
  return 0;
}

}  // namespace arbortls::daemon
