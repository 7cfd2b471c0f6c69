#include "unit/server/support.hpp"

#include "server/expiry_list.hpp"
#include "server/explain.hpp"
#include "server/lists.hpp"
#include "server/view.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <set>

using namespace arbortls::server;
using namespace arbortls::server::test;
using Catch::Matchers::Contains;
namespace json = boost::json;

namespace {

View view_of(const Book& book) {
  View view;
  view.snapshot = book.snapshot();
  view.addresses = {"unix:l.sock"};
  view.problems = book.troubles();
  view.domains = book.records().size();
  view.certificates = book.certificates();
  return view;
}

json::object explained(const Book& book, const std::string& name) {
  const auto answer = explain_json(*book.snapshot(), "", name, book.troubles(), test_now);
  REQUIRE(answer.has_value());
  return *answer;
}

std::string text(const json::value& value) { return json::serialize(value); }

// A tree with a tenant, its phones and a broken one.
struct Tenants : Site {
  Tenants() {
    config("domains:\n  - {name: master.test, backend: web}\n");
    pem("tenant.test", certificate_for("tenant.test"));
    yaml("phones.test", "parent: tenant.test\nidle_timeout: 5m\n");
    pem("bad.test", broken_pem);
    pem("old.test", certificate_until("old.test", test_now - day));
  }
};

}  // namespace

TEST_CASE("explain tells each step, the applied certificate and where settings came from",
          "[server][explain]") {
  Tenants site;
  const auto book = site.book();
  const auto answer = explained(*book, "Phones.TEST.");
  CHECK(answer.at("name") == "phones.test");
  CHECK(answer.at("listener") == "l");
  const auto& steps = answer.at("steps").as_array();
  REQUIRE(steps.size() == 2);
  CHECK(text(steps[0]) ==
        R"({"stage":"domain","subject":"phones.test","outcome":"has no certificate of its own"})");
  CHECK_THAT(text(steps[1]), Contains(R"("stage":"ancestor","subject":"tenant.test")") &&
                                 Contains("does not cover"));
  const auto& applied = answer.at("applied").as_object();
  CHECK(applied.at("source") == "certificate_pem");
  CHECK(applied.at("domain") == "tenant.test");
  CHECK(text(applied.at("sha256")) ==
        '"' + arbortls::cert::to_hex(served(*book, "tenant.test")->pairs[0].sha256) + '"');
  CHECK(applied.at("covers_name") == false);
  CHECK(applied.at("expired") == false);
  CHECK(text(applied.at("key_types")) == R"(["ecdsa"])");
  CHECK_THAT(text(answer.at("settings")),
             Contains(R"("idle_timeout":{"value":"5m","from":"domain phones.test"})"));
  CHECK_THAT(text(answer.at("warnings")), Contains("does not cover phones.test"));
}

TEST_CASE("explain goes to the default for no name, and refuses what is no name or listener",
          "[server][explain]") {
  Tenants site;
  const auto book = site.book();
  const auto none = explain_json(*book->snapshot(), "l", std::nullopt, book->troubles(), test_now);
  REQUIRE(none.has_value());
  CHECK(none->at("name").is_null());
  CHECK(none->at("applied").as_object().at("source") == "default");
  CHECK_FALSE(
      explain_json(*book->snapshot(), "x", "a.test", book->troubles(), test_now).has_value());
  for (const char* name : {"", "-", "a..b", "with space.test"}) {
    INFO(name);
    CHECK_FALSE(explain_json(*book->snapshot(), "", name, book->troubles(), test_now).has_value());
  }
}

TEST_CASE(
    "explain warns of what is wrong with the name and with whose certificate applies, of nothing "
    "else",
    "[server][explain]") {
  Tenants site;
  const auto book = site.book();
  CHECK_THAT(text(explained(*book, "bad.test").at("warnings")), Contains("bad.test.pem"));
  CHECK_THAT(text(explained(*book, "x.old.test").at("warnings")), Contains("has expired"));
  CHECK(explained(*book, "tenant.test").at("warnings").as_array().empty());
}

TEST_CASE("status shows counts, listeners, backends and every problem, and no secret",
          "[server][view]") {
  Tenants site;
  const auto book = site.book();
  arbortls::session::Metrics metrics;
  View view = view_of(*book);
  auto status = status_json(view, metrics, {"1.2.3", test_now - 60, false}, test_now);
  CHECK(status.at("version") == "1.2.3");
  CHECK(status.at("state") == "serving");
  CHECK(status.at("uptime_seconds") == 60);
  CHECK(status.at("domains") == 5);
  CHECK(text(status.at("certificates")) == R"({"served":2,"pending":0,"unsaved":0})");
  CHECK_THAT(text(status.at("listeners")), Contains(R"("name":"l")") && Contains("unix:l.sock"));
  CHECK_THAT(text(status.at("backends")), Contains("127.0.0.1:1"));
  CHECK(text(status.at("problems")) == text(problems_json(book->problems())));
  CHECK_THAT(text(status.at("problems")), Contains("bad.test.pem") && Contains("old.test"));
  CHECK(status.at("last_reload").as_object().at("time").is_null());
  CHECK_FALSE(status.contains("watch"));
  CHECK_THAT(text(status), !Contains("PRIVATE"));
  view.last_reload = {false, test_now, {{arbortls::Severity::error, {"f", 3, 4}, "k", "m"}}};
  view.watch_degraded = "polled";
  status = status_json(view, metrics, {"1.2.3", test_now, true}, test_now);
  CHECK(status.at("state") == "draining");
  CHECK(status.at("watch") == "polled");
  CHECK_THAT(text(status.at("last_reload")),
             Contains(iso_time(test_now)) && Contains("f:3:4: k: m"));
}

TEST_CASE("metrics are Prometheus text, one type line a family", "[server][view]") {
  Tenants site;
  const auto book = site.book();
  arbortls::session::Metrics metrics;
  metrics.handshakes_ok.add();
  metrics.active.add();
  const std::string all = metrics_text(view_of(*book), metrics);
  for (const char* line : {"arbortls_handshakes_ok_total 1\n", "arbortls_connections 1\n",
                           "arbortls_domains 5\n", "arbortls_certificates_served 2\n",
                           "arbortls_sni_total{kind=\"", "arbortls_ended_total{reason=\""}) {
    CHECK_THAT(all, Contains(line));
  }
  CHECK_THAT(all, Contains("arbortls_problems " + std::to_string(book->troubles().size()) + "\n"));
  std::set<std::string> types;
  for (std::size_t at = all.find("# TYPE "); at != std::string::npos;
       at = all.find("# TYPE ", at + 1)) {
    CHECK(types.insert(all.substr(at, all.find('\n', at) - at)).second);
  }
}

TEST_CASE(
    "expiring lists domains by the certificate that applies, the one that ends first at the top",
    "[server][view]") {
  Tenants site;
  site.pem("soon.test", certificate_until("soon.test", test_now + 5 * day));
  const auto view = view_of(*site.book());
  const auto rows = expiring_json(view, {}, "", test_now, 14 * day);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].as_object().at("domain") == "old.test");
  CHECK(rows[0].as_object().at("expired") == true);
  CHECK(rows[1].as_object().at("domain") == "soon.test");
  CHECK(rows[1].as_object().at("days_left") == 5);
  const auto more = expiring_json(view, {}, "", test_now, 100 * day);
  CHECK_THAT(text(more), Contains(R"("domain":"phones.test")") &&
                             Contains(R"("certificate_of":"tenant.test")"));
}

TEST_CASE("troubles share, count, replace and forget", "[server][troubles]") {
  const auto one = [](const char* key, const char* message) {
    return arbortls::Problem{arbortls::Severity::warning, {}, key, message};
  };
  Troubles troubles;
  troubles.set("b", {one("b", "1"), one("b", "2")});
  troubles.set("a", {one("a", "3")});
  const Troubles before = troubles;
  troubles.set("b", {one("b", "4")});
  troubles.set("none", {});
  CHECK(before.size() == 3);
  CHECK(troubles.size() == 2);
  CHECK(told(troubles.all()) == "a: warning: 3\nb: warning: 4\n");
  CHECK(told(news(before, troubles)) == "b: warning: 4\n");
  troubles.set("a", {});
  troubles.set("b", {});
  CHECK(troubles.empty());
  CHECK(troubles.find("b") == nullptr);
  CHECK(before.find("b")->size() == 2);
}
