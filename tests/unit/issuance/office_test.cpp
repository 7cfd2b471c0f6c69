#include "issuance/office.hpp"

#include "unit/issuance/rig.hpp"

#include <sys/stat.h>

using namespace arbortls;
using namespace arbortls::test;

namespace {

constexpr std::int64_t hour = 3600;

bool issued(Rig& rig, const std::string& domain) {
  return rig.until([&] { return rig.mark(domain).has_value(); });
}

// Issued, and taken up by who serves it.
void serve(Rig& rig, const std::string& domain) {
  rig.look();
  REQUIRE(issued(rig, domain));
  rig.look();
  REQUIRE(rig.until([&] { return rig.row(domain).not_after.has_value(); }));
}

}  // namespace

TEST_CASE("a domain that wants a certificate gets one, marked, in its place", "[issuance]") {
  Rig rig;
  rig.want("a.example").acme_account_email = "op@a.example";
  rig.look();
  REQUIRE(issued(rig, "a.example"));
  struct stat info {};
  REQUIRE(::stat(rig.file("a.example").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  const acme::Mark mark = *rig.mark("a.example");
  CHECK(mark.by == acme::Automatic::acme);
  CHECK(mark.issuer == acme::test::ca_url + "/directory");
  CHECK(mark.account == "op@a.example");
  CHECK(mark.issued >= test_now);
  CHECK(mark.issued <= rig.now);
  CHECK(mark.renew > rig.now);
  CHECK(rig.row("a.example").awaited_since);
  rig.look();
  REQUIRE(rig.until([&] { return rig.row("a.example").not_after.has_value(); }));
  rig.settle();
  CHECK_FALSE(rig.row("a.example").awaited_since);
  CHECK(rig.orders() == 1);
  CHECK(rig.ca.errors.empty());
}

TEST_CASE("what is put in place and not taken up is not ordered again at once", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  rig.look();
  REQUIRE(issued(rig, "a.example"));
  rig.now += 300;
  rig.settle();
  CHECK(rig.orders() == 1);
}

TEST_CASE("a certificate is renewed after two thirds of its life, and the new one names the old", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  serve(rig, "a.example");
  const auto row = rig.row("a.example");
  const std::int64_t life = *row.not_after - rig.mark("a.example")->issued;
  CHECK(*row.due > rig.now + life * 60 / 100);
  CHECK(*row.due < test_now + life * 73 / 100);
  rig.now = *row.due - hour;
  rig.settle();
  CHECK(rig.orders() == 1);
  rig.now = *row.due + hour;
  REQUIRE(rig.until([&] { return rig.orders() == 2 && rig.mark("a.example")->issued > test_now + day; }));
  CHECK(rig.ca.new_orders[1].contains("replaces"));
}

TEST_CASE("an operator's own file ends the making, and its going begins it again", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  serve(rig, "a.example");
  const std::string before = rig.folder.content("domains/a.example.pem");
  const std::string by_hand = before.substr(before.find("-----BEGIN"));
  rig.folder.put("domains/a.example.pem", by_hand);
  rig.look();
  REQUIRE(rig.until([&] { return rig.row("a.example").own == tls::Own::by_hand; }));
  rig.now += 200 * day;
  rig.settle();
  CHECK(rig.orders() == 1);
  CHECK(rig.folder.content("domains/a.example.pem") == by_hand);
  std::filesystem::remove(rig.file("a.example"));
  rig.look();
  CHECK(issued(rig, "a.example"));
}

TEST_CASE("a file that an operator puts there while an order runs is not written over", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  rig.ca.pending_polls = 3;
  rig.look();
  REQUIRE(rig.until([&] { return rig.orders() == 1; }));
  rig.folder.put("domains/a.example.pem", "his own\n");
  for (int minute = 0; minute < 10; ++minute) {
    rig.now += 60;
    rig.settle();
  }
  CHECK(rig.folder.content("domains/a.example.pem") == "his own\n");
  CHECK(rig.row("a.example").last_error.find("by hand") != std::string::npos);
}

TEST_CASE("a CA that is down for an hour is asked now and then, and has issued soon after", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  rig.ca_is_up = false;
  rig.look();
  REQUIRE(rig.until([&] { return rig.row("a.example").failures > 0; }));
  for (int minutes = 0; minutes < 60; ++minutes) {
    rig.now += 60;
    rig.settle();
  }
  const auto row = rig.row("a.example");
  CHECK(row.failures >= 3);
  CHECK(row.failures <= 9);
  CHECK(row.last_error.find("connection refused") != std::string::npos);
  CHECK(rig.ca.log.empty());
  rig.ca_is_up = true;
  rig.now = *row.due;
  CHECK(issued(rig, "a.example"));
  CHECK(rig.row("a.example").failures == 0);
}

TEST_CASE("failures and the account outlive the process", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  rig.ca.refuses_name = "a.example";
  rig.look();
  REQUIRE(rig.until([&] { return rig.row("a.example").failures == 1; }));
  rig.close();
  rig.open();
  rig.look();
  rig.settle();
  CHECK(rig.row("a.example").failures == 1);
  CHECK(rig.orders() == 1);
  rig.ca.refuses_name.clear();
  rig.now += day;
  CHECK(issued(rig, "a.example"));
  CHECK(rig.ca.new_accounts.size() == 1);
}

TEST_CASE("one bad domain holds no other", "[issuance]") {
  Rig rig;
  for (const char* name : {"a.example", "b.example", "bad.example", "c.example"}) rig.want(name);
  rig.ca.refuses_name = "bad.example";
  rig.look();
  for (const char* name : {"a.example", "b.example", "c.example"}) CHECK(issued(rig, name));
  CHECK_FALSE(rig.mark("bad.example"));
  CHECK(rig.until([&] { return rig.row("bad.example").failures >= 1; }));
}

TEST_CASE("a rate limit that names no domain pauses the account, and is kept", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  rig.want("b.example");
  rig.ca.scripted.emplace_back(
      "/new-order", acme::test::problem(429, "rateLimited", "too many new orders recently", {{"Retry-After", "7200"}}));
  rig.look();
  REQUIRE(rig.until([&] { return rig.row("a.example").failures + rig.row("b.example").failures > 0; }));
  rig.settle();
  const int begun = rig.orders();
  rig.close();
  rig.open();
  rig.look();
  rig.now += hour;
  rig.settle();
  CHECK(rig.orders() == begun);
  rig.now += 2 * day;
  CHECK(issued(rig, "a.example"));
  CHECK(issued(rig, "b.example"));
}

TEST_CASE("the budget holds back what the CA would refuse", "[issuance]") {
  Rig rig;
  rig.options.orders_per_3h = 2;
  for (const char* name : {"a.example", "b.example", "c.example"}) rig.want(name);
  rig.look();
  REQUIRE(rig.until([&] { return rig.orders() == 2; }));
  rig.settle();
  CHECK(rig.orders() == 2);
  rig.now += 3 * hour + 1;
  CHECK(rig.until([&] { return rig.orders() == 3; }));
}

TEST_CASE("other names or another CA make a new certificate; another address for mail does not", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  serve(rig, "a.example");
  rig.want("a.example").acme_account_email = "new@a.example";
  rig.look();
  rig.settle();
  CHECK(rig.orders() == 1);
  rig.want("a.example").acme_extra_names = std::vector<std::string>{"www.a.example"};
  rig.now += 2;
  rig.look();
  CHECK(rig.until([&] { return rig.orders() == 2; }));
}

TEST_CASE("an operator's wish is answered when the certificate is there, or with the reason", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  serve(rig, "a.example");
  std::optional<Result<std::string>> told;
  const auto hear = [&](const Result<std::string>& news) { told = news; };
  rig.office().renew("a.example", hear);
  REQUIRE(rig.until([&] { return told.has_value(); }));
  REQUIRE(told->has_value());
  CHECK(**told == rig.file("a.example"));
  CHECK(rig.orders() == 2);
  told.reset();
  rig.ca.refuses_name = "a.example";
  rig.look();
  rig.office().renew("a.example", hear);
  REQUIRE(rig.until([&] { return told.has_value(); }));
  CHECK_FALSE(told->has_value());
  told.reset();
  rig.office().renew("nobody.example", hear);
  CHECK_FALSE(told->has_value());
}

TEST_CASE("a revoked certificate is replaced by one with another key", "[issuance]") {
  Rig rig;
  rig.want("a.example").acme_reuse_key = true;
  serve(rig, "a.example");
  const auto key = [&] {
    const std::string text = rig.folder.content("domains/a.example.pem");
    return text.substr(text.find("-----BEGIN"), 200);
  };
  const std::string first = key();
  std::optional<Result<std::string>> told;
  rig.office().renew("a.example", [&](const Result<std::string>& news) { told = news; });
  REQUIRE(rig.until([&] { return told.has_value(); }));
  CHECK(key() == first);
  rig.look();
  rig.settle();
  told.reset();
  rig.office().revoke("a.example", [&](const Result<std::string>& news) { told = news; });
  REQUIRE(rig.until([&] { return told.has_value(); }));
  CHECK(told->has_value());
  CHECK(rig.ca.revoked.size() == 1);
  CHECK(key() != first);
}

TEST_CASE("a domain that leaves the tree while its order runs leaves nothing behind", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  rig.want("b.example");
  rig.ca.pending_polls = 100;
  rig.look();
  REQUIRE(rig.until([&] { return rig.ca.log.size() > 8; }));
  rig.forget("a.example");
  rig.forget("b.example");
  rig.look();
  REQUIRE(rig.until([&] { return rig.office().report().domains.empty(); }));
  rig.settle();
  CHECK_FALSE(rig.challenges->key_authorization("token"));
  CHECK_FALSE(rig.mark("a.example"));
}

TEST_CASE("where nothing can be written nothing is ordered", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  std::filesystem::remove(rig.folder.at("domains"));
  rig.look();
  REQUIRE(rig.until([&] { return rig.row("a.example").failures == 1; }));
  CHECK(rig.ca.log.empty());
  CHECK(rig.row("a.example").last_error.find("domains") != std::string::npos);
}

TEST_CASE("a name that does not lead here is not ordered until it does", "[issuance]") {
  Rig rig;
  rig.options.self_check = true;
  rig.leads_here = false;
  rig.want("a.example");
  rig.look();
  REQUIRE(rig.until([&] { return rig.row("a.example").failures == 1; }));
  CHECK(rig.orders() == 0);
  CHECK(rig.row("a.example").last_error.find("port 80") != std::string::npos);
  rig.leads_here = true;
  rig.now += day;
  CHECK(issued(rig, "a.example"));
}

TEST_CASE("a rehearsal tells what would be made and what is in its way, and orders nothing", "[issuance]") {
  Rig rig;
  rig.want("a.example");
  serve(rig, "a.example");
  rig.want("b.example").acme_directory = "https://ca.test/nowhere";
  rig.now += 2;
  rig.ca_is_up = false;
  rig.look();
  REQUIRE(rig.until([&] { return !rig.row("b.example").domain.empty(); }));
  std::optional<std::vector<issuance::Rehearsed>> told;
  rig.office().rehearse([&](std::vector<issuance::Rehearsed> rows) { told = std::move(rows); });
  REQUIRE(rig.until([&] { return told.has_value(); }));
  REQUIRE(told->size() == 2);
  CHECK(told->at(0).would.starts_with("make it later"));
  CHECK(told->at(1).would.starts_with("make it now"));
  CHECK(told->at(1).problem.find("refused") != std::string::npos);
  CHECK(rig.orders() == 1);
}

TEST_CASE("the local CA issues at once, once, and again when its time comes", "[issuance]") {
  Rig rig;
  auto& wanted = rig.want_locally("pbx.example");
  wanted.acme_key_type = config::AcmeKeyType::both;
  wanted.local_ca_addresses = std::vector<std::string>{"10.0.0.1", "FD00::0001"};
  serve(rig, "pbx.example");
  CHECK(rig.mark("pbx.example")->by == acme::Automatic::local_ca);
  const std::string first = rig.folder.content("domains/pbx.example.pem");
  for (int hours = 0; hours < 10; ++hours) {
    rig.now += hour;
    rig.look();
    rig.settle();
  }
  CHECK(rig.folder.content("domains/pbx.example.pem") == first);
  CHECK(rig.row("pbx.example").failures == 0);
  rig.now = *rig.row("pbx.example").due + 1;
  CHECK(rig.until([&] { return rig.folder.content("domains/pbx.example.pem") != first; }));
}

TEST_CASE("a local certificate that lives an hour is not made anew at every look", "[issuance]") {
  Rig rig;
  rig.options.authority.lifetime = std::chrono::hours(1);
  rig.want_locally("pbx.example");
  serve(rig, "pbx.example");
  CHECK(*rig.row("pbx.example").due >= rig.mark("pbx.example")->issued + 15 * 60);
}
