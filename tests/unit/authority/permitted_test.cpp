#include "authority/permitted.hpp"

#include "unit/authority/support.hpp"

using namespace arbortls;
using namespace arbortls::authority;
using namespace arbortls::test;
using Catch::Matchers::Contains;

namespace {

using Texts = std::vector<std::string>;

Permitted normal(Texts names, Texts networks = {}) {
  return must(normalized({std::move(names), std::move(networks)}));
}

}  // namespace

TEST_CASE("what is permitted is kept once, sorted, in lower case", "[authority]") {
  const auto made = normal({"Pbx.Example", "a.pbx.example", "other", "pbx.example", "xpbx.example"},
                           {"10.1.0.0/16", "10.0.0.0/8", "FD00::/8", "192.0.2.7", "192.0.2.7/32"});
  CHECK(made.names == Texts{"other", "pbx.example", "xpbx.example"});
  CHECK(made.networks == Texts{"10.0.0.0/8", "192.0.2.7", "fd00::/8"});
  CHECK(to_text(made) == "other, pbx.example, xpbx.example, 10.0.0.0/8, 192.0.2.7, fd00::/8");
}

TEST_CASE("what no constraint can say is refused by name", "[authority]") {
  const auto [names, networks, reason] = GENERATE(table<Texts, Texts, std::string>({
      {{}, {}, "at least one name"},
      {{"*.example"}, {}, "'*.example' is no host name"},
      {{"a b"}, {}, "'a b' is no host name"},
      {{"10.0.0.1"}, {}, "'10.0.0.1' is no host name"},
      {{""}, {}, "'' is no host name"},
      {{"a"}, {"10.0.0.1/8"}, "'10.0.0.1/8' is neither"},
      {{"a"}, {"10.0.0.0/33"}, "'10.0.0.0/33' is neither"},
      {{"a"}, {"10.0.0.0/"}, "is neither"},
      {{"a"}, {"10.0.0.0/-1"}, "is neither"},
      {{"a"}, {"10.0.0.0/8x"}, "is neither"},
      {{"a"}, {"fd00::/129"}, "is neither"},
      {{"a"}, {"house"}, "'house' is neither"},
      {Texts(1001, "a"), {}, "at most 1000"},
  }));
  CHECK_THAT(error_of(normalized({names, networks})), Contains(reason));
}

TEST_CASE("a name is permitted with all that is below it, and nothing beside it", "[authority]") {
  const auto permitted = normal({"pbx.example", "lan"}, {"10.0.0.0/8", "fd00::/8", "192.0.2.7"});
  const auto [name, expected] = GENERATE(table<std::string, bool>({
      {"pbx.example", true},
      {"PBX.Example", true},
      {"a.b.pbx.example", true},
      {"*.pbx.example", true},
      {"*.example", false},
      {"xpbx.example", false},
      {"pbx.example.org", false},
      {"lan", true},
      {"phone.lan", true},
      {"wlan", false},
      {"10.255.0.1", true},
      {"11.0.0.1", false},
      {"192.0.2.7", true},
      {"192.0.2.8", false},
      {"fd12::1", true},
      {"FD12:0::1", true},
      {"fe80::1", false},
      {"::ffff:10.0.0.1", false},
  }));
  CAPTURE(name);
  CHECK(permits(permitted, name) == expected);
}

TEST_CASE("the names that a tree has grown beyond its root are told in order", "[authority]") {
  const auto permitted = normal({"pbx.example"});
  CHECK(not_permitted(permitted, {"z.example", "a.pbx.example", "a.example", "10.0.0.1"}) ==
        Texts{"z.example", "a.example", "10.0.0.1"});
  CHECK(not_permitted(permitted, {"pbx.example"}).empty());
}

TEST_CASE("constraints that are written are read back the same", "[authority]") {
  const auto [names, networks] = GENERATE(table<Texts, Texts>({
      {{"pbx.example"}, {}},
      {{"lan", "pbx.example"}, {"10.0.0.0/8"}},
      {{"lan"}, {"fd00::/8"}},
      {{"lan"}, {"10.0.0.0/8", "192.0.2.7", "::1", "fd00::/8"}},
      {{"lan"}, {"0.0.0.0/0", "::/0"}},
  }));
  const auto permitted = normal(names, networks);
  const bool critical = GENERATE(true, false);
  const openssl::X509Ptr x509(X509_new());
  REQUIRE(add_constraints(x509.get(), permitted, critical));
  const auto read = must(constraints_of(x509.get()));
  CHECK(read.names == permitted.names);
  CHECK(read.networks == permitted.networks);
  CHECK(X509_EXTENSION_get_critical(X509_get_ext(x509.get(), 0)) == (critical ? 1 : 0));
}

TEST_CASE("constraints of another kind, and none at all, are told", "[authority]") {
  const auto [value, reason] = GENERATE(table<std::string, std::string>({
      {"", "no name constraints"},
      {"permitted;email:example.org", "of a kind"},
      {"permitted;DNS:a,excluded;DNS:b.a", "of a kind"},
      {"permitted;DNS:a", "of a kind"},  // says nothing of addresses: any
  }));
  CAPTURE(value);
  const openssl::X509Ptr x509(X509_new());
  if (!value.empty()) detail::add_extension(x509.get(), x509.get(), NID_name_constraints, value);
  CHECK_THAT(error_of(constraints_of(x509.get())), Contains(reason));
}
