#include "acme/ledger.hpp"

#include "support/folder.hpp"

#include <catch2/catch.hpp>

#include <limits>

namespace arbortls::acme {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t now = 1'800'000'000;

Ledger full_ledger() {
  Ledger ledger;
  auto& account = ledger.accounts["https://ca.example/directory"];
  account.state = R"({"url":"https://ca.example/account/1"})";
  account.key_file = "ca.example.key";
  account.orders = {now - 20, now - 10};
  account.paused_until = now + 60;
  auto& domain = ledger.domains["a.example"];
  domain.directory = "https://ca.example/directory";
  domain.certificate_id = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";
  domain.by_age = now + 5000;
  domain.suggestion = Suggestion{domain.certificate_id, {now + 100, now + 200}, now + 150};
  domain.next_poll = now + 21600;
  domain.backoff = {3, now + 120};
  domain.last_error = "the CA said: \"no\"\n\xff\t\xc3\xa4";
  domain.failed_at = now - 1;
  domain.order = R"({"url":"https://ca.example/order/7"})";
  ledger.domains["b.example"];
  return ledger;
}

std::string mistake_in(std::string_view text) {
  const auto ledger = parse_ledger(text);
  REQUIRE(ledger.has_error());
  return ledger.error().message;
}

TEST_CASE("A ledger comes out of its text as it went in") {
  const Ledger ledger = full_ledger();
  const auto read = parse_ledger(format_ledger(ledger));
  REQUIRE(read.has_value());
  CHECK((*read == ledger));
  CHECK((parse_ledger(format_ledger({})).value() == Ledger{}));
}

TEST_CASE("Times that could not be read again are written as the nearest that can") {
  Ledger ledger;
  ledger.domains["a"].by_age = std::numeric_limits<std::int64_t>::max();
  ledger.domains["a"].next_poll = -5;
  ledger.accounts["ca"].orders = {-1};
  const auto read = parse_ledger(format_ledger(ledger));
  REQUIRE(read.has_value());
  CHECK(read->domains.at("a").by_age == 253'402'300'799);
  CHECK(read->domains.at("a").next_poll == 0);
  CHECK(read->accounts.at("ca").orders == std::deque<std::int64_t>{0});
}

TEST_CASE("What is wrong in a ledger is said with its place, and never its content") {
  const auto [text, mistake] = GENERATE(table<std::string, std::string>({
      {R"([])", "is not an object"},
      {R"({})", "version: is not 1"},
      {R"({"version":2})", "version: is not 1"},
      {R"({"version":"secret"})", "version: is not a whole number from 0 on"},
      {R"({"version":1,"domains":[]})", "domains: is not an object"},
      {R"({"version":1,"domains":{"a.example":7}})", "domains.a.example: is not an object"},
      {R"({"version":1,"domains":{"a.example":{"failures":"secret"}}})",
       "domains.a.example.failures: is not a whole number from 0 on"},
      {R"({"version":1,"domains":{"a.example":{"failures":-1}}})",
       "domains.a.example.failures: is not a whole number from 0 on"},
      {R"({"version":1,"domains":{"a.example":{"failures":1e300}}})",
       "domains.a.example.failures: is not a whole number from 0 on"},
      {R"({"version":1,"domains":{"a.example":{"next_try":99999999999999}}})",
       "domains.a.example.next_try: is not a whole number from 0 on"},
      {R"({"version":1,"domains":{"a.example":{"order":{"key":"secret"}}}})",
       "domains.a.example.order: is not a text"},
      {R"({"version":1,"domains":{"a.example":{"suggestion":{"start":true}}}})",
       "domains.a.example.suggestion.start: is not a whole number from 0 on"},
      {R"({"version":1,"accounts":{"https://ca/":{"orders":7}}})",
       "accounts.https://ca/.orders: is not an array"},
      {R"({"version":1,"accounts":{"https://ca/":{"orders":[1,"secret"]}}})",
       "accounts.https://ca/.orders: is not a whole number from 0 on"},
  }));
  CAPTURE(text);
  CHECK(mistake_in(text) == mistake);
}

TEST_CASE("A ledger that was cut off anywhere is refused") {
  const std::string text = format_ledger(full_ledger());
  for (std::size_t length = 0; length + 1 < text.size(); ++length) {
    CAPTURE(length);
    CHECK(parse_ledger(std::string_view(text).substr(0, length)).has_error());
  }
}

TEST_CASE("Members that are not known are skipped") {
  const auto ledger =
      parse_ledger(R"({"version":1,"more":[1],"domains":{"a":{"failures":2,"colour":"red"}}})");
  REQUIRE(ledger.has_value());
  CHECK(ledger->domains.at("a").backoff.failures == 2);
}

TEST_CASE("A ledger survives in a file that only its owner may read") {
  const test::Folder folder;
  const std::string path = folder.at("acme.json");
  REQUIRE(save_ledger(path, full_ledger()).has_value());
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  const auto opened = open_ledger(path);
  REQUIRE(opened.has_value());
  CHECK((opened->ledger == full_ledger()));
  CHECK(opened->warning.empty());
}

TEST_CASE("Where there is no ledger yet, an empty one begins") {
  const test::Folder folder;
  const auto opened = open_ledger(folder.at("acme.json"));
  REQUIRE(opened.has_value());
  CHECK((opened->ledger == Ledger{}));
  CHECK(opened->warning.empty());
}

TEST_CASE("A broken ledger is kept aside, and an empty one begins with a warning") {
  const test::Folder folder;
  const std::string torn = format_ledger(full_ledger()).substr(0, 200);
  const std::string path = folder.put("acme.json", torn);
  const auto opened = open_ledger(path);
  REQUIRE(opened.has_value());
  CHECK((opened->ledger == Ledger{}));
  CHECK_THAT(opened->warning, Catch::StartsWith(path + ": is not whole JSON") &&
                                  Catch::EndsWith("kept as " + path + ".broken"));
  CHECK(folder.content("acme.json.broken") == torn);
  CHECK_FALSE(fs::exists(path));
  CHECK(open_ledger(path)->warning.empty());
}

TEST_CASE("A ledger that is there and cannot be read is an error, and is left alone") {
  const test::Folder folder;
  const std::string path = folder.at("acme.json");
  fs::create_directory(path);
  CHECK(open_ledger(path).has_error());
  CHECK(fs::is_directory(path));
}

}  // namespace
}  // namespace arbortls::acme
