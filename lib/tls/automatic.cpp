#include "tls/automatic.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace arbortls::tls {
namespace {

using config::AcmeChallenge;

// f(const config::Automatic&, bool own) for the domain and its ancestors, the nearest first.
template <class F>
void walk_up(const Tree& tree, const Tree::Node& node, F f) {
  tree.walk_nodes(node.name, [&](const Tree::Node& at) {
    const config::Inherited* inherited = at.value.inherited.get();
    if (inherited != nullptr && inherited->automatic) f(*inherited->automatic, at.name == node.name);
    return false;
  });
}

// The first word that was said, and how far up.
struct Said {
  std::optional<bool> value;
  int steps = 0;  // only domains that say something count

  void hear(const std::optional<bool>& word, int from) {
    if (value || !word) return;
    value = word;
    steps = from;
  }
  bool on() const { return value.value_or(false); }
};

template <class T, class U>
void take(std::optional<T>& heard, const std::optional<T>& said, U& to) {
  if (heard || !said) return;
  heard = said;
  to = *said;
}

bool has(const std::vector<AcmeChallenge>& challenges, AcmeChallenge wanted) {
  return std::find(challenges.begin(), challenges.end(), wanted) != challenges.end();
}

void take_own(const config::Automatic& own, Automatic& settings) {
  settings.extra_names = own.acme_extra_names.value_or(std::vector<std::string>());
  settings.wildcard = own.acme_wildcard.value_or(false);
}

// Whether this domain, or what it says of those below it, asks for certificates.
bool asks(const Tree& tree, const Tree::Node& node, const config::Automatic& own) {
  return maker_of(tree, node) != Maker::none || own.acme_subdomains.value_or(false);
}

void check_domain(const Tree& tree, const Tree::Node& node, const config::Automatic& own, bool answers_http,
                  Problems& problems) {
  const auto complain = [&](Severity severity, const char* message) {
    problems.push_back({severity, node.place, node.name, message});
  };
  const Automatic settings = automatic_of(tree, node);
  if (settings.wildcard && !has(settings.challenges, AcmeChallenge::dns_01)) {
    complain(Severity::error,
             "`acme_wildcard` needs `dns-01`: add it to `acme_challenges`, and a program as `acme_dns_hook`");
  }
  if (!own.acme_challenges) return;
  if (has(*own.acme_challenges, AcmeChallenge::dns_01) && settings.dns_hook.empty()) {
    complain(Severity::warning,
             "`acme_challenges` has `dns-01`, but no program puts the record into the DNS: set `acme_dns_hook`");
  }
  if (has(*own.acme_challenges, AcmeChallenge::http_01) && !answers_http) {
    complain(Severity::warning,
             "`acme_challenges` has `http-01`, but no listener answers at port 80: add one of `kind: http_redirect`, "
             "or leave it out");
  }
}

}  // namespace

Maker maker_of(const Tree& tree, const Tree::Node& node) {
  Said acme;
  Said local;
  int steps = 0;
  walk_up(tree, node, [&](const config::Automatic& said, bool own) {
    acme.hear(own ? said.acme_enabled : said.acme_subdomains, steps);
    local.hear(said.local_ca, steps);
    ++steps;
  });
  if (acme.on() && (!local.on() || acme.steps <= local.steps)) return Maker::acme;
  return local.on() ? Maker::local_ca : Maker::none;
}

Automatic automatic_of(const Tree& tree, const Tree::Node& node) {
  Automatic settings;
  settings.maker = maker_of(tree, node);
  settings.domain = node.name;
  config::Automatic heard;
  walk_up(tree, node, [&](const config::Automatic& said, bool own) {
    if (own) take_own(said, settings);
    take(heard.acme_account_email, said.acme_account_email, settings.account_email);
    take(heard.acme_directory, said.acme_directory, settings.directory);
    take(heard.acme_ca_file, said.acme_ca_file, settings.ca_file);
    take(heard.acme_eab, said.acme_eab, settings.eab);
    take(heard.acme_key_type, said.acme_key_type, settings.key_type);
    take(heard.acme_challenges, said.acme_challenges, settings.challenges);
    take(heard.acme_dns_hook, said.acme_dns_hook, settings.dns_hook);
    take(heard.acme_profile, said.acme_profile, settings.profile);
    take(heard.acme_reuse_key, said.acme_reuse_key, settings.reuse_key);
    take(heard.local_ca_addresses, said.local_ca_addresses, settings.addresses);
  });
  return settings;
}

Problems check_automatic(const Tree& tree, const config::Settings& settings) {
  const bool answers_http =
      std::any_of(settings.http_listeners.begin(), settings.http_listeners.end(),
                  [](const auto& listener) { return listener.kind == config::ListenerKind::http_redirect; });
  Problems problems;
  const Tree::Node* asking = nullptr;
  tree.for_each([&](const Tree::NodePtr& node) {
    const config::Inherited* inherited = node->value.inherited.get();
    if (inherited == nullptr || !inherited->automatic) return;
    check_domain(tree, *node, *inherited->automatic, answers_http, problems);
    const bool first = asking == nullptr || node->name < asking->name;
    if (first && asks(tree, *node, *inherited->automatic)) asking = node.get();
  });
  if (asking != nullptr && !settings.domains_dir) {
    problems.push_back({Severity::error, asking->place, asking->name,
                        "automatic certificates are on, but there is no `domains_dir` to keep them in: set it"});
  }
  std::sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.place.file, a.place.line, a.key, a.message) <
           std::tie(b.place.file, b.place.line, b.key, b.message);
  });
  return problems;
}

}  // namespace arbortls::tls
