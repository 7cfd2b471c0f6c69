#include "admin/render.hpp"
#include "base/wall_clock.hpp"
#include "cert/certificate.hpp"
#include "cert/checks.hpp"
#include "daemon/ca_commands.hpp"
#include "daemon/ca_tree.hpp"
#include "daemon/command.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iostream>

namespace arbortls::daemon {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& from) {
  json::array array;
  for (const auto& each : from) array.emplace_back(each);
  return array;
}

std::vector<std::string> outside(const authority::RootCertificate& root,
                                 const CaSettings& settings) {
  auto wanted = settings.names;
  wanted.insert(wanted.end(), settings.addresses.begin(), settings.addresses.end());
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return authority::not_permitted(root.permitted, wanted);
}

json::object describe(const authority::RootCertificate& root, const std::string& file,
                      const CaSettings& settings) {
  return {{"file", file},
          {"name", root.common_name},
          {"serial", root.serial},
          {"sha256", authority::fingerprint_text(root.sha256)},
          {"sha1", authority::fingerprint_text(root.sha1)},
          {"not_before", cert::date_text(root.not_before)},
          {"not_after", cert::date_text(root.not_after)},
          {"expired", root.not_after < wall_clock()},
          {"names", texts(root.permitted.names)},
          {"networks", texts(root.permitted.networks)},
          {"not_permitted", texts(outside(root, settings))}};
}

std::string render(const json::array& roots) {
  std::string text;
  for (const auto& root : roots) {
    text += (text.empty() ? "" : "\n") + admin::generic_text(root);
    const auto& missing = root.get_object().at("not_permitted").get_array();
    if (!missing.empty()) {
      text += "  ! the tree has " + std::to_string(missing.size()) +
              " names or addresses that this root may not sign for\n";
    }
  }
  return text;
}

}  // namespace

int show_roots(const CaOptions& options) {
  const auto settings = read_ca_settings(options.config_file);
  if (!settings) return fail(settings.error().message);
  const auto roots = settings->directory.load_roots();
  if (!roots) return fail(roots.error().message);
  const std::string& path = settings->directory.path();
  json::array all = {describe(roots->root, path + "/root.crt", *settings)};
  if (roots->next) all.push_back(describe(*roots->next, path + "/next.crt", *settings));
  std::cout << (options.json ? json::serialize(json::object{{"roots", all}}) + '\n' : render(all));
  return 0;
}

}  // namespace arbortls::daemon
