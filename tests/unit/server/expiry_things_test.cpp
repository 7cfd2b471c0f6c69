#include "unit/server/support.hpp"

#include "authority/directory.hpp"
#include "server/expiry_list.hpp"
#include "server/expiry_things.hpp"

#include <set>

using namespace arbortls;
using namespace arbortls::server;
using namespace arbortls::server::test;
using Catch::Matchers::Contains;

namespace {

EndFilter until(std::int64_t end) {
  return [end](const expiry::Thing& thing) { return *thing.not_after <= end; };
}

// "PLACE SUBJECT DAYS_LEFT", sorted.
std::set<std::string> told(const Things& things) {
  std::set<std::string> all;
  for (const expiry::Thing& thing : things)
    all.insert(thing.place + " " + thing.subject + " " +
               std::to_string((*thing.not_after - test_now) / day));
  return all;
}

using Told = std::set<std::string>;

// A CA of which the intermediate ends earlier than its leaves.
std::string short_chain(const std::string& name, const std::vector<std::string>& leaves,
                        std::int64_t intermediate_ends, const Site& site) {
  const TestCa root(name, 0);
  Wanted middle;
  middle.ca = true;
  middle.common_name = name + " Short";
  middle.not_before = test_now - 100 * day;
  middle.not_after = intermediate_ends;
  const auto issuer = arbortls::test::mint(middle, &root.root);
  for (const std::string& each : leaves) {
    Wanted leaf;
    leaf.common_name = each;
    leaf.names = {each};
    const auto made = arbortls::test::mint(leaf, &issuer);
    site.pem(each, arbortls::test::key_pem(made) + arbortls::test::pem(made) +
                       arbortls::test::pem(issuer));
  }
  return "CN=" + middle.common_name;
}

}  // namespace

TEST_CASE("what ends is found among domains, certdirs and the default, and nothing else",
          "[server][expiry]") {
  Site site;
  site.config(
      "listeners: [{name: l, role: ws, address: \"unix:l.sock\", backend: web, certdir: dir}]\n");
  const auto own = ca().leaf("dir.test");
  site.folder.write("dir/server.key", arbortls::test::key_pem(own));
  site.folder.write("dir/server.crt", arbortls::test::pem(own) + arbortls::test::chain_pem(ca()));
  site.pem("soon.test", certificate_until("soon.test", test_now + 13 * day));
  site.pem("old.test", certificate_until("old.test", test_now - 2 * day));
  site.pem("later.test", certificate_until("later.test", test_now + 300 * day));
  site.yaml("plain.test", "{}\n");
  const auto book = site.book();
  const auto snapshot = book->snapshot();
  const tls::Site& served = snapshot->site;
  CHECK(told(certificates_that_end(served, {}, until(test_now + 30 * day))) ==
        Told{"old.test CN=old.test -2", "soon.test CN=soon.test 13"});
  const auto more = told(certificates_that_end(served, {}, until(test_now + 200 * day)));
  CHECK(more.size() == 3);
  CHECK(more.contains("listener l CN=dir.test 90"));
  const auto all = certificates_that_end(served, {}, until(INT64_MAX));
  CHECK(std::count_if(all.begin(), all.end(), [](const auto& t) { return t.place == "default"; }) >=
        1);
  CHECK(earliest_end(served) == test_now - 2 * day);
}

TEST_CASE("a chain member that ends before its leaves is found once, whoever serves it",
          "[server][expiry]") {
  Site site;
  const auto subject = short_chain("A", {"b.test", "a.test", "c.test"}, test_now + 10 * day, site);
  const auto book = site.book();
  const auto snapshot = book->snapshot();
  const tls::Site& served = snapshot->site;
  CHECK(certificates_that_end(served, {}, until(test_now + 30 * day)).empty());
  const Things members = chain_members_that_end(served, until(test_now + 30 * day));
  CHECK(told(members) == Told{"a.test " + subject + " 10"});
  REQUIRE(members.size() == 1);
  CHECK_THAT(members[0].detail, Contains("2 other"));
  CHECK(chain_members_that_end(served, until(test_now + 9 * day)).empty());
  CHECK(earliest_end(served) == test_now + 10 * day);
}

TEST_CASE("what is made automatically renews as reported, else after two thirds of its life",
          "[server][expiry]") {
  Site site;
  Wanted wanted;
  wanted.common_name = "a.test";
  wanted.names = {"a.test"};
  wanted.not_before = test_now - 10 * day;
  wanted.not_after = test_now + 20 * day;
  const std::string text = bundle(ca().leaf(wanted));
  site.pem("a.test", "automatic=local-ca\n" + text);
  site.pem("b.test", text);
  site.yaml("a.test", "local_ca: true\n");
  const auto book = site.book();
  const auto snapshot = book->snapshot();
  const tls::Site& served = snapshot->site;
  const auto renewal = [&](const issuance::Report& report, const std::string& domain) {
    for (const auto& thing : certificates_that_end(served, report, until(test_now + 30 * day)))
      if (thing.place == domain) return thing.renewal_due;
    FAIL(domain << " is missing");
    return std::optional<std::int64_t>();
  };
  CHECK(renewal({}, "a.test") == test_now + 10 * day);
  CHECK(renewal({}, "b.test") == std::nullopt);
  issuance::Report report;
  report.domains.resize(2);
  report.domains[0].domain = "a.test";
  report.domains[0].renewal = test_now + day;
  report.domains[1].domain = "z.test";
  CHECK(renewal(report, "a.test") == test_now + day);
}

TEST_CASE("the daemon's own roots and trusted CA files are found", "[server][expiry]") {
  Site site;
  authority::RootWish wish;
  wish.common_name = "Ours";
  wish.lifetime = 20 * day;
  wish.permitted.names = {"test"};
  const authority::Directory directory(site.folder.path("state/ca"));
  site.folder.make("state");
  REQUIRE(directory.make(wish, "", test_now).has_value());
  site.folder.write("ca.pem", arbortls::test::pem(ca().root));
  site.yaml("a.test", "acme_enabled: true\nacme_ca_file: " + site.folder.path("ca.pem") + "\n");
  site.yaml("b.test",
            "acme_enabled: true\nacme_ca_file: " + site.folder.path("missing.pem") + "\n");
  const auto book = site.book();
  const auto found = cas_that_end(book->snapshot()->site, directory.path(), until(INT64_MAX));
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == expiry::Kind::ca);
  CHECK_THAT(found[0].subject, Contains("Ours"));
  CHECK(found[0].place == directory.path() + "/root.crt");
  CHECK(found[1].place == site.folder.path("ca.pem"));
  CHECK_THAT(found[1].subject, Contains("Test Root"));
  CHECK(cas_that_end(book->snapshot()->site, directory.path(), until(test_now + 30 * day)).size() ==
        1);
}

TEST_CASE("files that are not what is served are found, and since when is kept",
          "[server][expiry]") {
  Site site;
  site.pem("a.test", certificate_for("a.test"));
  auto book = site.book();
  FirstSeen since;
  CHECK(files_not_served(book->troubles(), {}, test_now, since).empty());
  site.pem("a.test", broken_pem);
  book->refresh_everything();
  REQUIRE(served(*book, "a.test"));
  auto found = files_not_served(book->troubles(), {}, test_now, since);
  REQUIRE(found.size() == 1);
  CHECK(found[0].place == "a.test");
  CHECK_THAT(found[0].detail, Contains("a.test.pem"));
  CHECK(found[0].differs_since == test_now);
  found = files_not_served(book->troubles(), {}, test_now + 600, since);
  REQUIRE(found.size() == 1);
  CHECK(found[0].differs_since == test_now);
  site.pem("a.test", certificate_for("a.test"));
  book->refresh_everything();
  CHECK(files_not_served(book->troubles(), {}, test_now + 700, since).empty());
  CHECK(since.empty());
  issuance::Report report;
  report.domains.resize(1);
  report.domains[0].domain = "b.test";
  report.domains[0].awaited_since = test_now - 50;
  found = files_not_served(book->troubles(), report, test_now, since);
  REQUIRE(found.size() == 1);
  CHECK(found[0].place == "b.test");
  CHECK(found[0].differs_since == test_now - 50);
}

TEST_CASE("the list of what ends has chain members and CAs too, and when each is renewed",
          "[server][expiry]") {
  Site site;
  const auto subject = short_chain("B", {"a.test"}, test_now + 3 * day, site);
  Wanted wanted;
  wanted.common_name = "auto.test";
  wanted.names = {"auto.test"};
  wanted.not_before = test_now - 20 * day;
  wanted.not_after = test_now + 10 * day;
  site.pem("auto.test", "automatic=local-ca\n" + bundle(ca().leaf(wanted)));
  site.yaml("auto.test", "local_ca: true\n");
  const auto book = site.book();
  View view;
  view.snapshot = book->snapshot();
  const auto rows = expiring_json(view, {}, "", test_now, 14 * day);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].as_object().at("source") == "chain");
  CHECK(rows[0].as_object().at("domain") == "a.test");
  CHECK(rows[0].as_object().at("subject") == boost::json::string(subject));
  CHECK(rows[0].as_object().at("days_left") == 3);
  CHECK(rows[1].as_object().at("domain") == "auto.test");
  CHECK(rows[1].as_object().at("renewal") == boost::json::string(iso_time(test_now)));
}
