#include "domain/name.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

using arbortls::domain::covers;
using arbortls::domain::drop_label;
using arbortls::domain::NameKind;
using arbortls::domain::parse_name;
using arbortls::domain::ServerName;

namespace {

// A legal name of exactly that many characters.
std::string name_of(std::size_t size) {
  std::string out(size, 'a');
  for (std::size_t dot = 50; dot + 1 < size; dot += 50) out[dot] = '.';
  return out;
}

}  // namespace

TEST_CASE("a peer's name is lower-cased and loses one trailing dot", "[domain]") {
  const auto [raw, normal] = GENERATE(table<std::string, std::string>({
      {"acme.example", "acme.example"}, {"WWW.Acme.EXAMPLE", "www.acme.example"}, {"acme.example.", "acme.example"},
      {"localhost", "localhost"}, {"_sip._tls.a-b.example", "_sip._tls.a-b.example"},
      {"XN--bcher-KVA.example", "xn--bcher-kva.example"}, {"1.2.3", "1.2.3"}, {"a", "a"},
      {std::string(63, 'a') + ".b", std::string(63, 'a') + ".b"}, {name_of(253), name_of(253)},
      {name_of(253) + ".", name_of(253)}}));
  const ServerName name(raw);
  REQUIRE(name.kind() == NameKind::legal);
  REQUIRE(name.view() == normal);
  REQUIRE(*parse_name(raw) == normal);
}

TEST_CASE("an IP address is no name, with brackets or a dot or without", "[domain]") {
  const std::string raw = GENERATE(as<std::string>{}, "192.0.2.1", "192.0.2.1.", "::1", "[::1]", "[2001:DB8::1].",
                                   "2001:db8::1", "::ffff:192.0.2.1", "[192.0.2.1]");
  REQUIRE(ServerName(raw).kind() == NameKind::ip_literal);
  REQUIRE(ServerName(raw).view().empty());
  REQUIRE(parse_name(raw).error().message.find("IP address") != std::string::npos);
}

TEST_CASE("no name at all is neither legal nor illegal", "[domain]") {
  REQUIRE(ServerName().kind() == NameKind::none);
  REQUIRE(ServerName("").kind() == NameKind::none);
}

TEST_CASE("what is no host name is refused with how to mend it", "[domain]") {
  const auto [raw, hint] = GENERATE(table<std::string, std::string>({
      {".", "empty"}, {"..", "empty label"}, {"a..b", "empty label"}, {".a", "empty label"}, {"a..", "empty label"},
      {std::string(64, 'a') + ".b", "63"}, {name_of(254), "253"}, {"-a.b", "'-'"}, {"a-.b", "'-'"}, {"a.-", "'-'"},
      {"*.acme.example", "wildcard"}, {"a b", "character"}, {"a.example:443", "port"}, {"http://a", "path"},
      {"b\xc3\xbc" "cher.example", "A-labels"}, {std::string("a\0b", 3), "\\x00"}, {"\x1b[31m", "\\x1b"},
      {"[::1", "character"}, {std::string("1.2.3.4\0", 8), "\\x00"}, {"a\nb", "\\x0a"}}));
  REQUIRE(ServerName(raw).view().empty());
  REQUIRE(ServerName(raw).kind() == NameKind::illegal);
  const auto parsed = parse_name(raw);
  REQUIRE(parsed.has_error());
  INFO(parsed.error().message);
  REQUIRE(parsed.error().message.find(hint) != std::string::npos);
}

TEST_CASE("an empty name is refused where a name is wanted", "[domain]") {
  REQUIRE(parse_name("").error().message.find("empty") != std::string::npos);
}

TEST_CASE("labels are dropped from the left", "[domain]") {
  REQUIRE(drop_label("a.b.c") == "b.c");
  REQUIRE(drop_label("c").empty());
  REQUIRE(drop_label("").empty());
}

TEST_CASE("a pattern covers what browsers say it covers", "[domain]") {
  const auto [pattern, name, covered] = GENERATE(table<std::string, std::string, bool>({
      {"acme.example", "acme.example", true}, {"acme.example", "www.acme.example", false},
      {"*.acme.example", "www.acme.example", true}, {"*.acme.example", "acme.example", false},
      {"*.acme.example", "a.b.acme.example", false}, {"*.acme.example", ".acme.example", false},
      {"*.example", "acme.example", false}, {"*", "localhost", false}, {"*.", "a.", false},
      {"w*.acme.example", "www.acme.example", false}, {"*w.acme.example", "www.acme.example", false},
      {"www.*.example", "www.acme.example", false}, {"*.*.example", "a.b.example", false},
      {"", "", false}, {"*.acme.example", "", false}, {"*.acme.example", "xacme.example", false},
      {std::string("acme.example\0.evil.test", 23), "acme.example", false},
      {std::string("*.a\0b.test", 10), "x.a", false}}));
  REQUIRE(covers(pattern, name) == covered);
}
