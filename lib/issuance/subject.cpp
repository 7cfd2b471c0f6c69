#include "issuance/subject.hpp"

#include "authority/permitted.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace arbortls::issuance {
namespace {

bool is_right_below(std::string_view name, std::string_view above) {
  const auto dot = name.find('.');
  return dot != std::string_view::npos && name.substr(dot + 1) == above;
}

// The walk for `node`'s certificate goes by its ancestors: the first that has or gets one serves it.
bool is_served_by_wildcard(const tls::Tree& tree, const tls::Tree::Node& node) {
  const auto* above = tree.parent(node);
  while (above != nullptr && above->value.own == tls::Own::nothing &&
         tls::maker_of(tree, *above) == tls::Maker::none)
    above = tree.parent(*above);
  if (above == nullptr || above->value.own == tls::Own::by_hand) return false;
  if (!is_right_below(node.name, above->name)) return false;
  const tls::Automatic settings = tls::automatic_of(tree, *above);
  return settings.maker == tls::Maker::acme && settings.wildcard;
}

}  // namespace

std::vector<std::string> names_of(const tls::Automatic& settings) {
  std::vector<std::string> names{settings.domain};
  if (settings.wildcard) names.push_back("*." + settings.domain);
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const std::string& name : settings.extra_names) add(name);
  if (settings.maker == tls::Maker::local_ca)
    for (const std::string& address : settings.addresses) add(authority::canonical_name(address));
  return names;
}

std::vector<Subject> subjects_of(const tls::Site& site, const std::string& domains_dir) {
  std::vector<Subject> subjects;
  site.tree.for_each([&](const tls::Tree::NodePtr& node) {
    const tls::Maker maker = tls::maker_of(site.tree, *node);
    if (maker == tls::Maker::none) return;
    tls::Automatic settings = tls::automatic_of(site.tree, *node);
    const bool plain = maker == tls::Maker::acme && settings.extra_names.empty() && !settings.wildcard;
    if (plain && node->value.own == tls::Own::nothing && is_served_by_wildcard(site.tree, *node)) return;
    std::string file = domains_dir + "/" + node->name + ".pem";
    subjects.push_back({std::move(settings), std::move(file), node->value.own, node->value.certificate,
                        node->value.pending});
  });
  std::sort(subjects.begin(), subjects.end(),
            [](const Subject& a, const Subject& b) { return a.domain() < b.domain(); });
  return subjects;
}

}  // namespace arbortls::issuance
