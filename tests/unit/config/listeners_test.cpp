// Listeners of all kinds.
#include "config/load.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

namespace arbortls::config {
namespace {

using Lines = std::vector<std::string>;

std::string at(const std::string& rest) { return "/etc/a.yaml:" + rest; }

Parsed with(const std::string& listeners) {
  return parse("master_domain: a.example\nbackends: [{name: web, servers: [\"h:1\"]}]\nlisteners:\n" + listeners,
               "/etc/a.yaml");
}

}  // namespace

TEST_CASE("listeners come apart by their kind, and keep their place in the file's list", "[config]") {
  const Parsed parsed = with(
      "- {address: \"[::]:80\", kind: http_redirect, acme_backend: \"127.0.0.1:8080\", redirect_to: 8443, "
      "trust_page: true, backlog: 7}\n"
      "- {address: \"[::]:443\", backend: web}\n"
      "- {address: \"unix:/run/page\", kind: trust_page, name: page}\n");
  CHECK(test::lines(parsed.problems) == Lines{});
  const Settings& s = parsed.settings;
  REQUIRE(s.listeners.size() == 1);
  CHECK(s.listeners[0].name == "listener-2");
  CHECK(s.listeners[0].index == 1);
  CHECK(s.listeners[0].kind == ListenerKind::tls);
  REQUIRE(s.http_listeners.size() == 2);
  const HttpListener& redirect = s.http_listeners[0];
  CHECK(redirect.name == "listener-1");
  CHECK(redirect.kind == ListenerKind::http_redirect);
  CHECK(redirect.address.value == "[::]:80");
  CHECK(redirect.acme_backend->value == "127.0.0.1:8080");
  CHECK(redirect.redirect_to == 8443);
  CHECK(redirect.trust_page);
  CHECK(redirect.backlog == 7);
  const HttpListener& page = s.http_listeners[1];
  CHECK(page.name == "page");
  CHECK(page.index == 2);
  CHECK(page.kind == ListenerKind::trust_page);
  CHECK(page.trust_page);
}

TEST_CASE("a key that a kind of listener has no use for is refused at its place", "[config]") {
  const auto [listener, expected] = GENERATE(table<std::string, std::string>({
      {"{address: \"[::]:80\", kind: http_redirect, certdir: /c}", "4:45: listeners[0].certdir: has no meaning for "
                                                                   "`kind: http_redirect`, which speaks HTTP"},
      {"{address: \"[::]:80\", kind: http_redirect, backend: web}", "4:45: listeners[0].backend: has no meaning for "
                                                                    "`kind: http_redirect`, which has no connections"},
      {"{address: \"[::]:80\", kind: trust_page, redirect_to: 443}", "4:42: listeners[0].redirect_to: has no meaning for "
                                                                     "`kind: trust_page`"},
      {"{address: \"[::]:80\", backend: web, redirect_to: 443}", "4:38: listeners[0].redirect_to: has no meaning for "
                                                                 "`kind: tls`; did you mean `kind: http_redirect`?"},
      {"{address: \"[::]:80\", backend: web, kind: redirect}", "4:44: listeners[0].kind: `redirect` is not known here"},
      {"{address: \"[::]:80\", kind: http_redirect, acme_backend: \"pbx:80\"}",
       "4:59: listeners[0].acme_backend: `pbx:80` is not valid here: the host has to be an IP address"},
  }));
  CAPTURE(listener);
  const Lines lines = test::lines(with("- " + listener + "\n- {address: \"[::]:443\", backend: web}\n").problems);
  REQUIRE_FALSE(lines.empty());
  CHECK(lines[0].substr(0, at(expected).size()) == at(expected));
}

TEST_CASE("names and addresses stand once among listeners of all kinds", "[config]") {
  const Parsed parsed = with(
      "- {address: \"[::]:80\", kind: http_redirect, name: one}\n"
      "- {address: \"[::]:80\", backend: web, name: one}\n");
  CHECK(test::lines(parsed.problems) ==
        Lines{at("5:3: listeners[1].name: `one` stands in line 4 already; each name may stand once"),
              at("5:13: listeners[1].address: `[::]:80` is the address of listener `one` already; each address may stand "
                 "once")});
}

}  // namespace arbortls::config
