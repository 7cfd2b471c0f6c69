#include "server/explain.hpp"

#include "config/describe.hpp"
#include "server/view.hpp"
#include "tls/select.hpp"

#include <boost/json/array.hpp>

#include <set>
#include <utility>

namespace arbortls::server {
namespace {

class JsonTrace final : public tls::Trace {
 public:
  JsonTrace(std::int64_t now, std::string_view name, std::string_view master)
      : now_(now), name_(name), master_(master) {}

  void step(std::string_view stage, std::string_view subject, const tls::Tree::Node* node,
            const cert::Certificate* certificate) override {
    const bool of_domain = stage != "certdir" && stage != "default";
    const bool in_tree = node != nullptr || subject == master_;  // the root needs no entry of its own
    std::string outcome;
    if (node != nullptr && node->value.pending) {
      outcome = "has a certificate that is still to be read";
    } else if (certificate == nullptr) {
      outcome = !of_domain ? "none" : in_tree ? "has no certificate of its own" : "not in the tree";
    } else {
      outcome = "has a certificate";
      if (certificate->expired_at(now_)) outcome += ", expired";
      if (!name_.empty() && !certificate->covers(name_)) outcome += ", does not cover the name";
    }
    steps.push_back({{"stage", stage}, {"subject", subject}, {"outcome", outcome}});
  }

  boost::json::array steps;

 private:
  std::int64_t now_;
  std::string name_;
  std::string_view master_;
};

const tls::ListenerView* find_listener(const tls::Site& site, const std::string& name) {
  for (const tls::ListenerView& listener : site.listeners) {
    if (name.empty() || listener.name == name) return &listener;
  }
  return nullptr;
}

boost::json::object applied_json(const tls::Selection& selection, std::string_view name, std::int64_t now) {
  boost::json::object applied{{"source", to_string(selection.source)}};
  applied["domain"] = nullptr;
  if (selection.from != nullptr) applied["domain"] = selection.from->name;
  if (!selection.certificate) {
    for (const char* key : {"subject", "sha256", "not_after"}) applied[key] = nullptr;
    applied["covers_name"] = false;
    applied["expired"] = false;
    applied["key_types"] = boost::json::array();
    return applied;
  }
  const cert::Certificate& certificate = *selection.certificate;
  const cert::Pair& first = certificate.pairs.front();
  boost::json::array key_types;
  boost::json::array leaves;
  for (const cert::Pair& pair : certificate.pairs) {
    key_types.push_back(boost::json::value(to_string(pair.key_type)));
    leaves.push_back({{"key_type", to_string(pair.key_type)}, {"sha256", cert::to_hex(pair.sha256)}});
  }
  boost::json::array names;
  for (const std::string& covered : first.names) names.push_back(boost::json::value(covered));
  applied["subject"] = cert::subject(first);
  applied["issuer"] = cert::issuer(first);
  applied["sha256"] = cert::to_hex(first.sha256);
  applied["names"] = std::move(names);
  applied["not_after"] = iso_time(certificate.not_after());
  applied["covers_name"] = !name.empty() && certificate.covers(name);
  applied["expired"] = certificate.expired_at(now);
  applied["key_types"] = std::move(key_types);
  applied["leaves"] = std::move(leaves);
  return applied;
}

// Of certificates that are made; what nobody on the way has set is not shown.
void add_automatic(boost::json::object& settings, const tls::Site& site, std::string_view name) {
  const tls::Tree::Node* node = site.tree.find(name);
  if (node == nullptr || !site.automatic) return;
  config::for_each_automatic([&](const auto& key) {
    site.tree.walk_nodes(name, [&](const tls::Tree::Node& at) {
      if (key.own && &at != node) return true;
      const auto& inherited = at.value.inherited;
      const auto own = inherited && inherited->automatic ? key.text(*inherited->automatic) : std::nullopt;
      if (own) settings[key.name] = {{"value", *own}, {"from", "domain " + at.name}};
      return own.has_value();
    });
  });
}

boost::json::object settings_json(const tls::Site& site, const tls::ListenerView& listener,
                                  std::string_view name) {
  boost::json::object settings;
  config::for_each_inherited([&](const auto& key) {
    std::string value(key.default_text);
    std::string from = "built-in";
    if (const auto own = key.text(listener.inherited)) {
      value = *own;
      from = "listener " + listener.name;
    }
    if (!name.empty()) {
      site.tree.walk_nodes(name, [&](const tls::Tree::Node& node) {
        const auto own = node.value.inherited ? key.text(*node.value.inherited) : std::nullopt;
        if (!own) return false;
        value = *own;
        from = "domain " + node.name;
        return true;
      });
    }
    settings[key.name] = {{"value", value}, {"from", from}};
  });
  if (!name.empty()) add_automatic(settings, site, name);
  return settings;
}

boost::json::array warnings_of(const tls::Selection& selection, const tls::ListenerView& listener,
                               std::string_view name, const Troubles& troubles, std::int64_t now) {
  boost::json::array warnings;
  if (!selection.certificate) {
    warnings.push_back("there is no default certificate yet: it is made at the first start");
  } else {
    if (selection.certificate->expired_at(now)) warnings.push_back("the applied certificate has expired");
    if (!name.empty() && !selection.certificate->covers(name)) {
      warnings.push_back(boost::json::value("the applied certificate does not cover " + std::string(name)));
    }
  }
  if (selection.settings.backend.empty()) warnings.push_back("no backend is set for this name and listener");
  std::set<std::string_view> keys{name};
  const std::string certdir = "listener " + listener.name;
  keys.insert(certdir);
  if (selection.from != nullptr) keys.insert(selection.from->name);
  for (const std::string_view key : keys) {
    const Problems* problems = key.empty() ? nullptr : troubles.find(key);
    if (problems == nullptr) continue;
    for (const Problem& problem : *problems) warnings.push_back(boost::json::value(to_string(problem)));
  }
  return warnings;
}

}  // namespace

Result<boost::json::object> explain_json(const session::Snapshot& snapshot, const std::string& listener_name,
                                         const std::optional<std::string>& name,
                                         const Troubles& troubles, std::int64_t now) {
  const tls::Site& site = snapshot.site;
  const tls::ListenerView* listener = find_listener(site, listener_name);
  if (listener == nullptr) {
    return error(listener_name.empty() ? "there is no listener" : "there is no listener `" + listener_name + "`");
  }
  const domain::ServerName server_name = name ? domain::ServerName(*name) : domain::ServerName();
  if (name && (server_name.kind() == domain::NameKind::illegal || server_name.kind() == domain::NameKind::none)) {
    const auto parsed = domain::parse_name(*name);
    return error("`" + *name + "` is no host name" + (parsed ? "" : ": " + parsed.error().message));
  }
  JsonTrace trace(now, server_name.view(), site.tree.master());
  const tls::Selection selection = tls::select(site, *listener, server_name, now, &trace);
  boost::json::object answer;
  answer["name"] = nullptr;
  if (name) answer["name"] = server_name.view().empty() ? std::string_view(*name) : server_name.view();
  answer["listener"] = listener->name;
  answer["steps"] = std::move(trace.steps);
  answer["applied"] = applied_json(selection, server_name.view(), now);
  answer["settings"] = settings_json(site, *listener, server_name.view());
  answer["warnings"] = warnings_of(selection, *listener, server_name.view(), troubles, now);
  return answer;
}

}  // namespace arbortls::server
