#include "daemon/cert_coverage.hpp"

#include "cert/names.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

namespace arbortls::daemon {
namespace {

namespace json = boost::json;
constexpr std::size_t most_shown = 20;

struct Domain {
  std::string parent;
  bool has_certificate = false;
};

using Domains = std::map<std::string, Domain>;

std::string text_of(const json::object& row, const char* key) {
  const json::value* value = row.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Domains domains_of(const json::array& tree) {
  Domains domains;
  for (const json::value& each : tree) {
    const json::object& row = each.as_object();
    const json::value* has = row.if_contains("certificate");
    domains[text_of(row, "name")] = {text_of(row, "parent"),
                                     has != nullptr && has->is_bool() && has->get_bool()};
  }
  return domains;
}

// Which domains have one of the leaves as their own.
std::set<std::string> owners_of(const json::array& certificates,
                                const std::set<std::string>& leaves) {
  std::set<std::string> owners;
  for (const json::value& each : certificates) {
    const json::object& row = each.as_object();
    if (leaves.contains(text_of(row, "sha256"))) owners.insert(text_of(row, "owner"));
  }
  return owners;
}

// From the domain itself up to the master; "" where none has.
using Has = std::function<bool(const std::string& name, const Domain& domain)>;
std::string nearest(const Domains& domains, std::string name, const Has& has) {
  for (std::size_t steps = 0; steps <= domains.size(); ++steps) {
    const auto found = domains.find(name);
    if (found == domains.end()) return {};
    if (has(name, found->second)) return name;
    name = found->second.parent;
  }
  return {};
}

std::size_t depth_of(const Domains& domains, const std::string& name) {
  std::size_t depth = 0;
  nearest(domains, name, [&](const auto&, const auto&) { return depth++ > domains.size(); });
  return depth;
}

json::array array_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

json::value would_serve(const Domains& domains, const std::vector<std::string>& covered) {
  if (covered.empty()) return nullptr;
  const std::string& place = *std::min_element(
      covered.begin(), covered.end(), [&](const std::string& a, const std::string& b) {
        return depth_of(domains, a) < depth_of(domains, b);
      });
  std::vector<std::string> served;
  std::vector<std::string> not_covered;
  for (const auto& [name, domain] : domains) {
    const auto owner = nearest(domains, name, [&](const std::string& n, const Domain& d) {
      return n == place || d.has_certificate;
    });
    if (owner != place) continue;
    served.push_back(name);
    if (std::find(covered.begin(), covered.end(), name) == covered.end())
      not_covered.push_back(name);
  }
  return json::object{
      {"as", place}, {"domains", array_of(served)}, {"not_covered", array_of(not_covered)}};
}

std::string list_text(const json::array& names) {
  if (names.empty()) return "none";
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most_shown; ++i) {
    if (i > 0) text += ", ";
    text += names[i].get_string();
  }
  if (names.size() > most_shown)
    text += " and " + std::to_string(names.size() - most_shown) + " more";
  return text;
}

}  // namespace

json::object coverage_of(const json::array& tree, const json::array& certificates,
                         const std::set<std::string>& leaves,
                         const std::vector<std::string>& names) {
  const Domains domains = domains_of(tree);
  const std::set<std::string> owners = owners_of(certificates, leaves);
  std::vector<std::string> covered;
  std::vector<std::string> served;
  for (const auto& [name, domain] : domains) {
    const std::string& own = name;
    if (std::any_of(names.begin(), names.end(),
                    [&](const std::string& n) { return cert::name_matches(n, own); }))
      covered.push_back(name);
    const auto owner =
        nearest(domains, name, [](const auto&, const Domain& d) { return d.has_certificate; });
    if (owners.contains(owner)) served.push_back(name);
  }
  return {{"covers", array_of(covered)},
          {"serves", array_of(served)},
          {"would_serve", would_serve(domains, covered)}};
}

std::string coverage_text(const json::object& coverage) {
  std::string text = "\nin the tree\n  covers " + list_text(coverage.at("covers").as_array()) +
                     "\n  serves now " + list_text(coverage.at("serves").as_array()) + '\n';
  if (const json::object* would = coverage.at("would_serve").if_object()) {
    text += "  as the certificate_pem of " + std::string(would->at("as").as_string()) +
            " it would serve " + list_text(would->at("domains").as_array()) + '\n';
    const json::array& not_covered = would->at("not_covered").as_array();
    if (!not_covered.empty())
      text += "  ! of these it does not cover " + list_text(not_covered) + '\n';
  }
  return text;
}

}  // namespace arbortls::daemon
