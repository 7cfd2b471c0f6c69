// Who makes a domain's certificate, and with which settings.
#include "tls/automatic.hpp"

#include "config/load.hpp"
#include "unit/tls/sites.hpp"

#include <catch2/catch.hpp>

using namespace arbortls;
using namespace arbortls::tls;
using arbortls::test::SiteMaker;
using config::AcmeChallenge;

namespace {

// The tree of a text of `name: keys` pairs below the master `m.example`, as the configuration reads it.
Tree tree_of(const std::string& domains) {
  const auto parsed = config::parse("master_domain: m.example\nlisteners: [{address: \"[::1]:0\"}]\ndomains_dir: /d\n"
                                    "domains:\n" + domains, "/etc/a.yaml");
  for (const Problem& problem : parsed.problems) {
    CAPTURE(to_string(problem));
    CHECK(problem.severity == Severity::warning);
  }
  Tree tree("m.example");
  for (const config::Domain& domain : parsed.settings.domains) {
    tree = std::move(tree).with(std::make_shared<const Tree::Node>(
        Tree::Node{domain.name, domain.parent ? domain.parent->value : "", domain.place,
                   {nullptr, std::make_shared<const config::Inherited>(domain.inherited)}}));
  }
  return tree;
}

const Tree::Node& at(const Tree& tree, const std::string& name) {
  const Tree::Node* node = tree.find(name);
  REQUIRE(node != nullptr);
  return *node;
}

std::vector<std::string> complaints(const Tree& tree, const config::Settings& settings) {
  std::vector<std::string> lines;
  for (const Problem& problem : check_automatic(tree, settings)) lines.push_back(to_string(problem));
  return lines;
}

config::Settings with_everything() {
  config::Settings settings;
  settings.domains_dir = test::located(std::string("/d"));
  settings.http_listeners.emplace_back().kind = config::ListenerKind::http_redirect;
  return settings;
}

}  // namespace

TEST_CASE("the nearest word decides who makes a certificate", "[tls]") {
  const Tree tree = tree_of(
      "- {name: m.example, acme_enabled: true, local_ca: true}\n"
      "- {name: silent.m.example}\n"
      "- {name: below.silent.m.example}\n"
      "- {name: a.example, acme_subdomains: true}\n"
      "- {name: x.a.example}\n"
      "- {name: y.x.a.example}\n"
      "- {name: off.a.example, acme_enabled: false}\n"
      "- {name: below.off.a.example}\n"
      "- {name: none.a.example, acme_subdomains: false}\n"
      "- {name: below.none.a.example}\n"
      "- {name: own.none.a.example, acme_enabled: true}\n"
      "- {name: lan.a.example, local_ca: true}\n"
      "- {name: pbx.lan.a.example}\n"
      "- {name: public.lan.a.example, acme_enabled: true}\n"
      "- {name: both.a.example, acme_subdomains: true, local_ca: true}\n"
      "- {name: x.both.a.example}\n"
      "- {name: bare.example, local_ca: false}\n"
      "- {name: elsewhere.test, parent: x.a.example}\n");
  const auto [name, maker] = GENERATE(table<std::string, Maker>({
      {"m.example", Maker::acme},            // acme_enabled is its alone
      {"silent.m.example", Maker::local_ca},
      {"below.silent.m.example", Maker::local_ca},
      {"a.example", Maker::local_ca},        // acme_subdomains is for those below
      {"x.a.example", Maker::acme},
      {"y.x.a.example", Maker::acme},
      {"off.a.example", Maker::local_ca},    // what is further up counts again
      {"below.off.a.example", Maker::acme},  // acme_enabled: false was its parent's alone
      {"none.a.example", Maker::acme},
      {"below.none.a.example", Maker::local_ca},
      {"own.none.a.example", Maker::acme},
      {"lan.a.example", Maker::local_ca},
      {"pbx.lan.a.example", Maker::local_ca},
      {"public.lan.a.example", Maker::acme},
      {"both.a.example", Maker::local_ca},
      {"x.both.a.example", Maker::acme},     // as near
      {"bare.example", Maker::none},
      {"elsewhere.test", Maker::acme},       // the tree's parent, not the name's suffix
  }));
  CAPTURE(name);
  CHECK(maker_of(tree, at(tree, name)) == maker);
  CHECK(automatic_of(tree, at(tree, name)).maker == maker);
}

TEST_CASE("settings of automatic certificates are inherited key by key, own ones are not", "[tls]") {
  const Tree tree = tree_of(
      "- {name: m.example, acme_account_email: a@m.example, acme_directory: \"https://ca.example/dir\",\n"
      "   acme_ca_file: /ca.pem, acme_eab: {kid: k, hmac_key: file:/h}, acme_key_type: both,\n"
      "   acme_challenges: [dns-01], acme_dns_hook: [/bin/hook, now], acme_profile: short, acme_reuse_key: true,\n"
      "   acme_subdomains: true, acme_extra_names: [www.m.example], acme_wildcard: true,\n"
      "   local_ca_addresses: [10.0.0.1]}\n"
      "- {name: x.m.example, acme_key_type: rsa-2048, acme_reuse_key: false}\n"
      "- {name: y.x.m.example, acme_account_email: y@m.example, acme_extra_names: [z.example]}\n");
  const Automatic y = automatic_of(tree, at(tree, "y.x.m.example"));
  CHECK(y.domain == "y.x.m.example");
  CHECK(y.account_email == "y@m.example");
  CHECK(y.directory == "https://ca.example/dir");
  CHECK(y.ca_file == "/ca.pem");
  REQUIRE(y.eab);
  CHECK(y.eab->kid == "k");
  CHECK(y.eab->hmac_key.file == "/h");
  CHECK(y.key_type == config::AcmeKeyType::rsa_2048);
  CHECK(y.challenges == std::vector{AcmeChallenge::dns_01});
  CHECK(y.dns_hook == config::CommandLine{"/bin/hook", "now"});
  CHECK(y.profile == "short");
  CHECK_FALSE(y.reuse_key);
  CHECK(y.addresses == std::vector<std::string>{"10.0.0.1"});
  CHECK(y.extra_names == std::vector<std::string>{"z.example"});
  CHECK_FALSE(y.wildcard);
  const Automatic m = automatic_of(tree, at(tree, "m.example"));
  CHECK(m.wildcard);
  CHECK(m.extra_names == std::vector<std::string>{"www.m.example"});
}

TEST_CASE("a domain of which nobody says anything has the defaults", "[tls]") {
  const Tree tree = tree_of("- {name: x.m.example}\n");
  const Automatic x = automatic_of(tree, at(tree, "x.m.example"));
  CHECK(x.maker == Maker::none);
  CHECK(x.directory == std::string(config::lets_encrypt_directory));
  CHECK(x.key_type == config::AcmeKeyType::ecdsa_p256);
  CHECK(x.challenges == std::vector{AcmeChallenge::http_01, AcmeChallenge::tls_alpn_01});
}

TEST_CASE("what does not fit together is said at the domain that says it", "[tls]") {
  const auto [domain, expected] = GENERATE(table<std::string, std::vector<std::string>>({
      {"acme_enabled: true", {}},
      {"acme_enabled: true, acme_wildcard: true",
       {"/etc/a.yaml:5:3: x.m.example: `acme_wildcard` needs `dns-01`: add it to `acme_challenges`, and a program as "
        "`acme_dns_hook`"}},
      {"acme_enabled: true, acme_wildcard: true, acme_challenges: [dns-01], acme_dns_hook: /bin/h", {}},
      {"acme_challenges: [dns-01]",
       {"/etc/a.yaml:5:3: x.m.example: warning: `acme_challenges` has `dns-01`, but no program puts the record into "
        "the DNS: set `acme_dns_hook`"}},
  }));
  CAPTURE(domain);
  const Tree tree = tree_of("- {name: x.m.example, " + domain + "}\n");
  CHECK(complaints(tree, with_everything()) == expected);
}

TEST_CASE("http-01 is warned about where it is asked for and no listener answers it", "[tls]") {
  const Tree tree = tree_of("- {name: x.m.example, acme_challenges: [http-01]}\n- {name: y.m.example, acme_enabled: true}\n");
  config::Settings settings = with_everything();
  CHECK(complaints(tree, settings).empty());
  settings.http_listeners[0].kind = config::ListenerKind::trust_page;
  const auto lines = complaints(tree, settings);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("/etc/a.yaml:5:3: x.m.example: warning: `acme_challenges` has `http-01`"));
}

TEST_CASE("without a directory to keep certificates in none can be made", "[tls]") {
  const auto [domain, refused] = GENERATE(table<std::string, bool>({
      {"acme_enabled: true", true},
      {"acme_subdomains: true", true},
      {"local_ca: true", true},
      {"acme_enabled: false, acme_key_type: both", false},
  }));
  CAPTURE(domain);
  const Tree tree = tree_of("- {name: x.m.example, " + domain + "}\n- {name: z.x.m.example, acme_reuse_key: true}\n");
  config::Settings settings = with_everything();
  settings.domains_dir.reset();
  const Problems problems = check_automatic(tree, settings);
  REQUIRE(problems.size() == (refused ? 1u : 0u));
  if (refused) CHECK(problems[0].key == "x.m.example");
  if (refused) CHECK(has_errors(problems));
}
