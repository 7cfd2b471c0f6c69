#include "acme/mark.hpp"

#include "cert/load.hpp"
#include "support/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::acme;

namespace {

const Mark mark{Automatic::acme, "https://ca.test/directory", "https://ca.test/account/1",
                1780272000, 1785456000};

const std::string lines =
    "automatic=acme\n"
    "issuer=https://ca.test/directory\n"
    "account=https://ca.test/account/1\n"
    "issued=2026-06-01T00:00:00Z\n"
    "renew=2026-07-31T00:00:00Z\n";

const std::string pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

std::string with_crlf(const std::string& text) {
  std::string made;
  for (const char c : text) made += c == '\n' ? "\r\n" : std::string(1, c);
  return made;
}

std::string folded(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

}  // namespace

TEST_CASE("a mark is written as lines and read back", "[acme]") {
  CHECK(to_text(mark) == lines);
  const auto read = read_mark(lines + pem);
  REQUIRE(read);
  CHECK(read->by == Automatic::acme);
  CHECK(read->issuer == mark.issuer);
  CHECK(read->account == mark.account);
  CHECK(read->issued == mark.issued);
  CHECK(read->renew == mark.renew);
}

TEST_CASE("a text is automatic only if its first line says exactly so", "[acme]") {
  const auto [text, automatic] = GENERATE(table<std::string, bool>({
      {lines + pem, true},
      {with_crlf(lines + pem), true},
      {"\xef\xbb\xbf" + lines + pem, true},
      {"\n\r\n" + lines + pem, true},
      {"automatic=acme\n" + pem, true},
      {"automatic=local-ca\n" + pem, true},
      {"automatic=acme", true},
      {folded(lines + pem), false},
      {pem + lines, false},
      {pem, false},
      {"", false},
      {"\n\n", false},
      {"date=2026-06-01\n" + lines + pem, false},
      {"# was automatic=acme\n" + pem, false},
      {"not automatic=acme any more\n" + pem, false},
      {"automatic=acme any more\n" + pem, false},
      {" automatic=acme\n" + pem, false},
      {"automatic=acme \n" + pem, false},
      {"Automatic=ACME\n" + pem, false},
      {"automatic=no\n" + pem, false},
      {"automatic = acme\n" + pem, false},
  }));
  CAPTURE(text);
  CHECK(read_mark(text).has_value() == automatic);
}

TEST_CASE("lines below the key, and ones that cannot be read, say nothing", "[acme]") {
  const auto read = read_mark("automatic=local-ca\nissued=yesterday\nno field\n" + pem +
                              "issuer=below\nrenew=2026-07-31T00:00:00Z\n");
  REQUIRE(read);
  CHECK(read->by == Automatic::local_ca);
  CHECK(read->issuer.empty());
  CHECK(read->issued == 0);
  CHECK(read->renew == 0);
}

TEST_CASE("values lose their line breaks, so that none can become a line of its own", "[acme]") {
  Mark strange = mark;
  strange.issuer = "https://ca.test/\nrenew=1970-01-01T00:00:00Z\r";
  const auto read = read_mark(to_text(strange) + pem);
  REQUIRE(read);
  CHECK(read->issuer == "https://ca.test/renew=1970-01-01T00:00:00Z");
  CHECK(read->renew == mark.renew);
}

TEST_CASE("a marked text loads like any other", "[acme]") {
  const arbortls::test::TestCa ca;
  const auto leaf = ca.leaf("a.example");
  arbortls::cert::LoadOptions options;
  options.now = arbortls::test::test_now;
  const auto text = to_text(mark) + arbortls::test::key_pem(leaf) + arbortls::test::pem(leaf);
  CHECK(arbortls::cert::load_pem(text, options).has_value());
}
