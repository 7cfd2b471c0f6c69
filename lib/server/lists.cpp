#include "server/lists.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace arbortls::server {
namespace {

struct Row {
  std::int64_t not_after;
  boost::json::object json;
};

Row certificate_row(const std::string& owner, const char* source, const cert::Certificate& certificate,
                    std::int64_t now) {
  const cert::Pair& first = certificate.pairs.front();
  boost::json::array key_types;
  for (const cert::Pair& pair : certificate.pairs) {
    key_types.push_back(boost::json::value(to_string(pair.key_type)));
  }
  const std::int64_t end = certificate.not_after();
  return {end,
          {{"owner", owner},
           {"source", source},
           {"subject", cert::subject(first)},
           {"sha256", cert::to_hex(first.sha256)},
           {"key_types", std::move(key_types)},
           {"not_after", iso_time(end)},
           {"days_left", (end - now) / 86400},
           {"expired", end < now}}};
}

}  // namespace

boost::json::array tree_json(const View& view) {
  const tls::Tree& tree = view.snapshot->site.tree;
  std::vector<tls::Tree::NodePtr> nodes;
  tree.for_each([&](const tls::Tree::NodePtr& node) { nodes.push_back(node); });
  std::sort(nodes.begin(), nodes.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  boost::json::array all;
  if (tree.find(tree.master()) == nullptr) {
    all.push_back({{"name", tree.master()}, {"parent", nullptr}, {"certificate", false}});
  }
  for (const tls::Tree::NodePtr& node : nodes) {
    const tls::Tree::Node* parent = tree.parent(*node);
    boost::json::object row{{"name", node->name}, {"parent", nullptr}};
    if (node->name != tree.master()) row["parent"] = parent != nullptr ? parent->name : tree.master();
    row["certificate"] = node->value.certificate != nullptr;
    if (node->value.certificate) row["not_after"] = iso_time(node->value.certificate->not_after());
    all.push_back(std::move(row));
  }
  return all;
}

boost::json::array certificates_json(const View& view, std::int64_t now) {
  const tls::Site& site = view.snapshot->site;
  std::vector<Row> rows;
  site.tree.for_each([&](const tls::Tree::NodePtr& node) {
    if (!node->value.certificate) return;
    rows.push_back(certificate_row(node->name, "certificate_pem", *node->value.certificate, now));
  });
  for (const tls::ListenerView& listener : site.listeners) {
    if (!listener.certdir) continue;
    rows.push_back(certificate_row("listener " + listener.name, "certdir", *listener.certdir, now));
  }
  if (site.fallback) rows.push_back(certificate_row("", "default", *site.fallback, now));
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.not_after < b.not_after; });
  boost::json::array all;
  for (Row& row : rows) all.push_back(std::move(row.json));
  return all;
}

}  // namespace arbortls::server
