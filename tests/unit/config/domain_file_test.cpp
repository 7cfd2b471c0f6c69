// One NAME.yaml of domains_dir.
#include "config/load.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

namespace arbortls::config {
namespace {

using Lines = std::vector<std::string>;

const std::string file = "/etc/arbortls/domains/acme.example.yaml";

Settings settings() {
  return parse(test::sound() + "aliases: [{alias: certs, value: /c}]\n", "/etc/a.yaml").settings;
}

ParsedDomain read(const std::string& text, const std::string& name = "acme.example") {
  return parse_domain(text, file, name, settings());
}

}  // namespace

TEST_CASE("a domain's file takes its name from the file", "[config]") {
  const std::string text = GENERATE("", "# nothing yet\n", "{}", "name: acme.example\n",
                                    "name: ACME.example.\n", "---\n");
  const ParsedDomain parsed = read(text);
  CAPTURE(text);
  CHECK(test::lines(parsed.problems) == Lines{});
  CHECK(parsed.domain.name == "acme.example");
  CHECK(parsed.domain.place.file == file);
}

TEST_CASE("a domain's file takes every key of a domain", "[config]") {
  const ParsedDomain parsed = read(
      "parent: Softphone.example\ncertificate_pem: file:x.pem\nkey_passphrase: file:/p\n"
      "backend: web\nidle_timeout: 2s\nhalf_close_timeout: 3s\ncertificate_choice: valid\n"
      "tls_min_version: 1.3\n");
  CHECK(test::lines(parsed.problems) == Lines{});
  const Domain& d = parsed.domain;
  CHECK(d.parent->value == "softphone.example");
  CHECK(d.certificate_pem->value.file == "/etc/arbortls/domains/x.pem");
  CHECK(d.key_passphrase->value.file == "/p");
  CHECK(d.inherited.backend->value == "web");
  CHECK(d.inherited.backend->place.file == file);
  CHECK(d.inherited.backend->place.line == 4);
  CHECK(d.inherited.idle_timeout->value.count() == 2000);
  CHECK(d.inherited.certificate_choice->value == CertificateChoice::valid);
}

TEST_CASE("a domain's file may use the aliases of the main one", "[config]") {
  const ParsedDomain parsed = read("certificate_pem: file:alias://paths/certs\n");
  CHECK(test::lines(parsed.problems) == Lines{});
  CHECK(parsed.domain.certificate_pem->value.file == "/c");
}

TEST_CASE("what is wrong in a domain's file is said at its place", "[config]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"backend: wbe",
       "1:10: backend: there is no backend `wbe` (did you mean `web`?); known: `web`"},
      {"name: b.example",
       "1:1: `name` is `b.example`, but the file's name says `acme.example`; leave `name` out, or "
       "rename the file"},
      {"listeners: []", "1:1: listeners: unknown key"},
      {"backend: web\nbackend: web", "2:1: backend: repeated key"},
      {"idle_timeout: 5", "1:15: idle_timeout: `5` is not valid here"},
      {"key_passphrase: x", "1:17: key_passphrase: a secret may not stand"},
      {"x", "1:1: has to be a mapping"},
      {"a: [", "1:4: not sound YAML"},
  }));
  const Lines lines = test::lines(read(text).problems);
  CAPTURE(text, lines);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].substr(0, file.size() + 1 + expected.size()) == file + ":" + expected);
}

TEST_CASE("a file whose name is no host name is refused", "[config]") {
  const std::string name = GENERATE("*.acme.example", "a..b", "", "1.2.3.4", "a b");
  const Lines lines = test::lines(read("backend: web", name).problems);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("the file's name is not a legal host name") != std::string::npos);
}

}  // namespace arbortls::config
