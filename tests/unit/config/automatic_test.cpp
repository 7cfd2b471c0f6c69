// The keys of automatic certificates, and what is told of them.
#include "config/describe.hpp"
#include "config/keys.hpp"
#include "config/load.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

namespace arbortls::config {
namespace {

using test::sound;
using Lines = std::vector<std::string>;

std::string at(const std::string& rest) { return "/etc/a.yaml:" + rest; }

Parsed domain_with(const std::string& keys) {
  return parse(sound() + "domains_dir: /d\ndomains: [{name: a.example, " + keys + "}]\n", "/etc/a.yaml");
}

}  // namespace

TEST_CASE("a domain takes every key of automatic certificates", "[config]") {
  const Parsed parsed = domain_with(
      "acme_enabled: true, acme_subdomains: false, acme_account_email: ops@a.example,\n"
      "  acme_directory: \"https://127.0.0.1:14000/dir\", acme_ca_file: pebble.pem,\n"
      "  acme_eab: {kid: kid-1, hmac_key: file:eab.key}, acme_key_type: both,\n"
      "  acme_challenges: [dns-01, http-01], acme_dns_hook: [hooks/dns, --quick], acme_profile: shortlived,\n"
      "  acme_extra_names: [WWW.a.example], acme_wildcard: true, acme_reuse_key: true,\n"
      "  local_ca: false, local_ca_addresses: [10.0.0.1, \"fd00::1\"]");
  CHECK(test::lines(parsed.problems) == Lines{});
  REQUIRE(parsed.settings.domains.size() == 1);
  const AutomaticPtr& automatic = parsed.settings.domains[0].inherited.automatic;
  REQUIRE(automatic != nullptr);
  const Automatic& a = *automatic;
  CHECK(a.acme_enabled == true);
  CHECK(a.acme_subdomains == false);
  CHECK(a.acme_account_email == "ops@a.example");
  CHECK(a.acme_directory == "https://127.0.0.1:14000/dir");
  CHECK(a.acme_ca_file == "/etc/pebble.pem");
  CHECK(a.acme_eab == AcmeEab{"kid-1", {"/etc/eab.key"}});
  CHECK(a.acme_key_type == AcmeKeyType::both);
  CHECK(a.acme_challenges == std::vector{AcmeChallenge::dns_01, AcmeChallenge::http_01});
  CHECK(a.acme_dns_hook == CommandLine{"/etc/hooks/dns", "--quick"});
  CHECK(a.acme_profile == "shortlived");
  CHECK(a.acme_extra_names == Lines{"www.a.example"});
  CHECK(a.acme_wildcard == true);
  CHECK(a.acme_reuse_key == true);
  CHECK(a.local_ca == false);
  CHECK(a.local_ca_addresses == Lines{"10.0.0.1", "fd00::1"});
}

TEST_CASE("a domain that says nothing of automatic certificates pays nothing for them", "[config]") {
  const Parsed parsed = domain_with("backend: web, acme_extra_names: ");
  CHECK(test::lines(parsed.problems) == Lines{});
  CHECK(parsed.settings.domains.at(0).inherited.automatic == nullptr);
}

TEST_CASE("what is wrong in automatic certificates is said with what would be right", "[config]") {
  const auto [keys, expected] = GENERATE(table<std::string, std::string>({
      {"acme_enabled: yes", "acme_enabled: `yes` is not valid here; expected: `true` or `false`"},
      {"acme_account_email: ops", "acme_account_email: `ops` is not valid here: it has not the form `NAME@HOST`"},
      {"acme_account_email: \"mailto:o@a.example\"", "acme_account_email: `mailto:o@a.example` is not valid here: "
                                                     "`mailto:` is left out"},
      {"acme_account_email: \"a@b.example,c@d.example\"", "acme_account_email: `a@b.example,c@d.example` is not"},
      {"acme_account_email: \"@b.example\"", "acme_account_email: `@b.example` is not"},
      {"acme_directory: ca.example", "acme_directory: `ca.example` is not valid here: it does not start with"},
      {"acme_directory: \"http://ca.example/d\"", "acme_directory: `http://ca.example/d` is not valid here: without TLS"},
      {"acme_directory: \"http://127.0.0.1.example/d\"", "acme_directory: `http://127.0.0.1.example/d` is not valid"},
      {"acme_directory: \"https://u@ca.example/d\"", "acme_directory: `https://u@ca.example/d` is not valid here: no user"},
      {"acme_directory: \"https://ca.example:0/d\"", "acme_directory: `https://ca.example:0/d` is not valid here: its port"},
      {"acme_directory: \"https://ca.example:65536/d\"", "acme_directory: `https://ca.example:65536/d` is not valid"},
      {"acme_directory: \"https:///d\"", "acme_directory: `https:///d` is not valid here: its host is not legal"},
      {"acme_directory: \"https://ca.example/d?x\"", "acme_directory: `https://ca.example/d?x` is not valid here: a `?`"},
      {"acme_eab: {kid: k}", "acme_eab.hmac_key: is missing"},
      {"acme_eab: {kid: k, hmac_key: c2VjcmV0}", "acme_eab.hmac_key: a secret may not stand in the configuration"},
      {"acme_key_type: rsa", "acme_key_type: `rsa` is not known here"},
      {"acme_challenges: http-01", "acme_challenges: has to be a list"},
      {"acme_challenges: []", "acme_challenges: is empty"},
      {"acme_challenges: [http-01, http-01]", "acme_challenges[1]: stands in this list already"},
      {"acme_challenges: [http01]", "acme_challenges[0]: `http01` is not known here (did you mean `http-01`?)"},
      {"acme_dns_hook: []", "acme_dns_hook: is empty"},
      {"acme_dns_hook: [/bin/h, [x]]", "acme_dns_hook[1]: a list stands here"},
      {"acme_extra_names: [\"*.a.example\"]", "acme_extra_names[0]: `*.a.example` is not valid here"},
      {"local_ca_addresses: [pbx]", "local_ca_addresses[0]: `pbx` is not valid here"},
      {"acme_enabled: true, certificate_pem: file:/x",
       "acme_enabled: warning: `certificate_pem` stands here as well, and an operator's certificate is never replaced"},
      {"acme_subdomains: true, local_ca: true", "local_ca: warning: `acme_subdomains` is on as well"},
  }));
  CAPTURE(keys);
  const Lines lines = test::lines(domain_with(keys).problems);
  REQUIRE(lines.size() == 1);
  const std::string& line = lines[0];
  const auto where = line.find("domains[0].");
  REQUIRE(where != line.npos);
  CHECK(line.starts_with(at("5:")));
  CHECK(line.substr(where + 11, expected.size()) == expected);
}

TEST_CASE("directories of this machine need no TLS", "[config]") {
  const std::string url = GENERATE("http://127.0.0.1:4001/directory", "http://[::1]/d", "http://localhost:80/d",
                                   "https://[2001:db8::1]:8443/d", "https://ca.example");
  CAPTURE(url);
  CHECK(test::lines(domain_with("acme_directory: \"" + url + "\"").problems) == Lines{});
}

TEST_CASE("automatic certificates are no setting of listeners", "[config]") {
  const Lines lines = test::problems_of(
      "master_domain: a.example\nlisteners: [{address: \"[::]:443\", acme_enabled: true, acme_directory: x}]\n");
  CHECK(lines.size() == 3);
  CHECK(lines.at(0).starts_with(at("2:13: listeners[0].backend: ")));
  CHECK(lines.at(1).starts_with(at("2:35: listeners[0].acme_enabled: unknown key")));
}

TEST_CASE("each key of automatic certificates is described once, with its default", "[config]") {
  std::set<std::string_view> described;
  for_each_automatic([&](const auto& key) { CHECK(described.insert(key.name).second); });
  for (const Key& key : automatic_keys()) {
    CAPTURE(key.name);
    CHECK(described.contains(key.name));
  }
  CHECK(described.size() == automatic_keys().size());
}

TEST_CASE("values of automatic certificates are told as they are written", "[config]") {
  const Parsed parsed = domain_with(
      "acme_enabled: false, acme_eab: {kid: kid-1, hmac_key: file:/secret}, acme_key_type: rsa-2048,\n"
      "  acme_challenges: [dns-01, http-01], acme_dns_hook: [/bin/h, x]");
  REQUIRE(parsed.settings.domains.at(0).inherited.automatic != nullptr);
  std::map<std::string_view, std::string> told;
  for_each_automatic([&](const auto& key) {
    if (const auto text = key.text(*parsed.settings.domains[0].inherited.automatic)) told[key.name] = *text;
  });
  CHECK(told == std::map<std::string_view, std::string>{{"acme_enabled", "false"},
                                                        {"acme_eab", "kid-1"},
                                                        {"acme_key_type", "rsa-2048"},
                                                        {"acme_challenges", "[dns-01, http-01]"},
                                                        {"acme_dns_hook", "/bin/h x"}});
}

TEST_CASE("a change of automatic certificates is a change of what is inherited", "[config]") {
  const auto inherited = [](const std::string& keys) {
    return domain_with(keys).settings.domains.at(0).inherited;
  };
  CHECK(same_values(inherited("acme_enabled: true"), inherited("acme_enabled: true")));
  CHECK_FALSE(same_values(inherited("acme_enabled: true"), inherited("acme_enabled: false")));
  CHECK_FALSE(same_values(inherited("acme_enabled: true"), inherited("parent: b.example")));
  CHECK(sets_any(inherited("acme_enabled: true")));
  CHECK_FALSE(sets_any(inherited("parent: b.example")));
}

TEST_CASE("hooks, expiry and the own CA have sections of their own", "[config]") {
  const Parsed parsed = parse(sound() +
                                  "hooks: {renewed: [/h/renewed, a], failed: failed.sh, expiring: /h/e, run_as: www-data}\n"
                                  "expiry: {info: 60d, warning: 2d}\n"
                                  "authority: {lifetime: 7d, root_lifetime: 100d, key_passphrase: file:/p}\n"
                                  "acme_orders_per_3h: 10\n",
                              "/etc/a.yaml");
  CHECK(test::lines(parsed.problems) == Lines{});
  const Settings& s = parsed.settings;
  CHECK(s.hooks.renewed == CommandLine{"/h/renewed", "a"});
  CHECK(s.hooks.failed == CommandLine{"/etc/failed.sh"});
  CHECK(s.hooks.expiring == CommandLine{"/h/e"});
  CHECK(s.hooks.run_as == "www-data");
  CHECK(s.expiry.info == std::chrono::days(60));
  CHECK(s.expiry.warning == std::chrono::days(2));
  CHECK(s.authority.lifetime == std::chrono::days(7));
  CHECK(s.authority.root_lifetime == std::chrono::days(100));
  CHECK(s.authority.key_passphrase->value.file == "/p");
  CHECK(s.acme_orders_per_3h == 10);
}

TEST_CASE("hooks as root and an expiry upside down are told of", "[config]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"hooks: {run_as: root}\n", "4:17: hooks.run_as: `root` is not valid here: hook programs are not run with root's"},
      {"hooks: {run_as: \"a b\"}\n", "4:17: hooks.run_as: `a b` is not valid here: it is no user's name"},
      {"hooks: {renewed: \"\"}\n", "4:18: hooks.renewed: the path is empty"},
      {"authority: {lifetime: 826d}\n", "4:23: authority.lifetime: `826d` is not valid here"},
  }));
  const Lines lines = test::problems_of(sound() + text);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].substr(0, at(expected).size()) == at(expected));
  CHECK(test::problems_of(sound() + "expiry: {info: 1d, warning: 2d}\n") ==
        Lines{"/etc/a.yaml: expiry.warning: warning: is longer than `expiry.info`, so nothing is ever only mentioned"});
}

}  // namespace arbortls::config
