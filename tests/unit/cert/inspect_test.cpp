#include "cert/inspect.hpp"

#include "cert/load.hpp"
#include "cert/make.hpp"
#include "support/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace arbortls;
using namespace arbortls::test;
using Catch::Matchers::Contains;

namespace {

cert::Inspected seen(const std::string& bytes, const std::string& passphrase = {}) {
  auto result = cert::inspect(bytes, passphrase, test_now);
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

std::string problems(const cert::Inspected& in) {
  std::string all;
  for (const auto& problem : in.problems) all += problem + "\n";
  return all;
}

cert::CertificatePtr loaded(const std::string& text) {
  cert::LoadOptions options;
  options.now = test_now;
  auto result = cert::load_pem(text, options);
  if (!result) FAIL(result.error().message);
  return result->certificate;
}

}  // namespace

TEST_CASE("a look into a PEM shows its certificates and keys, and that it is usable", "[cert]") {
  const TestCa ca;
  const Identity leaf = ca.leaf("a.example", Key::rsa2048);
  const auto in = seen(key_pem(leaf) + pem(leaf) + chain_pem(ca));
  CHECK(in.format == "PEM");
  CHECK(in.usable);
  CHECK(in.problems.empty());
  REQUIRE(in.certificates.size() == 2);
  CHECK(in.certificates[0].subject == "CN=a.example");
  CHECK(in.certificates[0].issuer == "CN=Test Intermediate 1");
  CHECK(in.certificates[0].names == std::vector<std::string>{"a.example"});
  CHECK(in.certificates[0].key_type == "rsa");
  CHECK(in.certificates[0].key_bits == 2048);
  CHECK(in.certificates[0].has_key);
  CHECK(in.certificates[0].sha256.size() == 64);
  CHECK(in.certificates[0].not_after == test_now + 90 * day);
  CHECK(in.certificates[0].signature_algorithm == "ecdsa-with-SHA256");
  CHECK_FALSE(in.certificates[0].is_ca);
  CHECK(in.certificates[1].is_ca);
  CHECK_FALSE(in.certificates[1].has_key);
  REQUIRE(in.keys.size() == 1);
  CHECK(in.keys[0].type == "rsa");
  CHECK(in.keys[0].bits == 2048);
  CHECK(in.keys[0].spki_sha256.size() == 64);
}

TEST_CASE("DER and PKCS#12 are told apart", "[cert]") {
  const TestCa ca;
  const Identity leaf = ca.leaf("a.example");
  CHECK(seen(der(leaf.x509.get())).format == "DER");
  CHECK(seen(der(leaf.x509.get())).certificates.size() == 1);
  CHECK(seen(key_der(leaf.key.get())).keys.size() == 1);
  const auto in = seen(pkcs12(leaf, ca, "secret"), "secret");
  CHECK(in.format == "PKCS#12");
  CHECK(in.usable);
  CHECK(in.certificates.size() == 2);
  CHECK_THAT(problems(seen(pkcs12(leaf, ca, "secret"), "other")), Contains("wrong passphrase"));
  CHECK_THAT(problems(seen(pkcs12(leaf, ca, "secret"))), Contains("no passphrase is given"));
  CHECK(seen(pkcs12(leaf, ca, "")).usable);
}

TEST_CASE("a key that cannot be opened is shown as encrypted", "[cert]") {
  const Identity leaf = mint({"a.example", {"a.example"}});
  const auto in = seen(pkcs8_pem(leaf.key.get(), "secret") + pem(leaf));
  CHECK_FALSE(in.usable);
  REQUIRE(in.keys.size() == 1);
  CHECK(in.keys[0].encrypted);
  CHECK(in.certificates.size() == 1);
  CHECK_THAT(problems(in), Contains("no passphrase"));
}

TEST_CASE("what is wrong is told as loading would tell it", "[cert]") {
  const Identity leaf = mint({"a.example", {"a.example"}});
  const Identity other = mint({"b.example", {"b.example"}});
  CHECK_THAT(problems(seen(pem(leaf))), Contains("no private key found"));
  CHECK_THAT(problems(seen(key_pem(other) + pem(leaf))), Contains("does not match"));
  CHECK_THAT(problems(seen(pem(leaf).substr(0, 200))), Contains("truncated"));
  CHECK_FALSE(cert::inspect("nonsense", "", test_now).has_value());
  CHECK_FALSE(cert::inspect("", "", test_now).has_value());
}

TEST_CASE("a bundle puts key, certificate and chain of any format into one text", "[cert]") {
  const TestCa ca("Bundle", 2);
  const Identity leaf = ca.leaf("a.example");
  const std::string expected = key_pem(leaf) + pem(leaf) + chain_pem(ca);
  const std::string authorities =
      pem(ca.root) + pem(ca.intermediates[0]) + pem(ca.intermediates[1]);
  const std::vector<std::vector<std::string>> all_inputs = {
      {key_pem(leaf), pem(leaf), authorities},
      {key_der(leaf.key.get()), der(leaf.x509.get()), authorities},
      {authorities, pem(leaf), pkcs8_pem(leaf.key.get(), "secret")},
      {pkcs12(leaf, ca, "secret")},
  };
  for (const auto& inputs : all_inputs) {
    const auto text = cert::bundle(inputs, "secret", test_now);
    if (!text) FAIL(text.error().message);
    CHECK(*text == expected);
  }
}

TEST_CASE("a bundle is refused for the reasons that loading has, with the input's number",
          "[cert]") {
  const Identity leaf = mint({"a.example", {"a.example"}});
  const auto none = cert::bundle({pem(leaf)}, "", test_now);
  REQUIRE_FALSE(none.has_value());
  CHECK_THAT(none.error().message, Contains("no private key found"));
  const auto cut = cert::bundle({key_pem(leaf), pem(leaf).substr(0, 99)}, "", test_now);
  REQUIRE_FALSE(cut.has_value());
  CHECK_THAT(cut.error().message, Contains("input 2: ") && Contains("truncated"));
}

TEST_CASE("a self-signed certificate bears its names and loads without a warning", "[cert]") {
  const std::string long_name = std::string(60, 'a') + "." + std::string(60, 'b') + ".example";
  const auto made = cert::make_self_signed(
      {long_name, "PBX.example", "*.pbx.example", "10.0.0.1", "::1"}, test_now, 90 * day);
  REQUIRE(made.has_value());
  cert::LoadOptions options;
  options.now = test_now;
  const auto got = cert::load_pem(made->key_pem + made->certificate_pem, options);
  REQUIRE(got.has_value());
  CHECK(got->warnings.empty());
  const auto& pair = got->certificate->pairs[0];
  CHECK(pair.key_type == cert::KeyType::ecdsa);
  CHECK(pair.names ==
        std::vector<std::string>{long_name, "pbx.example", "*.pbx.example", "10.0.0.1", "::1"});
  CHECK(cert::subject(pair) == "CN=PBX.example");
  CHECK(cert::issuer(pair) == "CN=PBX.example");
  CHECK(pair.not_before == test_now);
  CHECK(pair.not_after == test_now + 90 * day);
}

TEST_CASE("self-signed certificates of no or illegal names are refused", "[cert]") {
  CHECK_FALSE(cert::make_self_signed({}, test_now, day).has_value());
  CHECK_FALSE(cert::make_self_signed({"a.example"}, test_now, 0).has_value());
  for (const std::string name : {"", "a b", "a,DNS:evil.example", "a..b", "-\n", "*", "a.*.b"}) {
    INFO(name);
    CHECK_FALSE(cert::make_self_signed({name}, test_now, day).has_value());
  }
}

TEST_CASE("which names a certificate covers", "[cert]") {
  const Identity one = mint({"x", {"a.example", "*.wild.example", "10.0.0.1", "2001:db8::1"}});
  const auto certificate = loaded(key_pem(one) + pem(one));
  const auto [name, covered] = GENERATE(table<std::string, bool>({
      {"a.example", true},
      {"A.Example", true},
      {"a.example.", true},
      {"b.a.example", false},
      {"example", false},
      {"x.wild.example", true},
      {"wild.example", false},
      {"y.x.wild.example", false},
      {".wild.example", false},
      {"10.0.0.1", true},
      {"10.0.0.2", false},
      {"2001:db8::1", true},
      {"", false},
      {".", false},
      {"x", false},
  }));
  INFO(name);
  CHECK(certificate->covers(name) == covered);
}

TEST_CASE("every pair has to cover a name and be in date", "[cert]") {
  Wanted rsa{"x", {"both.example", "rsa.example"}, Key::rsa2048, 0};
  rsa.not_after = test_now + day;
  const Identity first = mint(rsa);
  const Identity second = mint({"x", {"both.example", "ec.example"}});
  const auto both = loaded(key_pem(first) + pem(first) + key_pem(second) + pem(second));
  CHECK(both->covers("both.example"));
  CHECK_FALSE(both->covers("rsa.example"));
  CHECK_FALSE(both->covers("ec.example"));
  CHECK(both->not_after() == test_now + day);
  CHECK(both->valid_at(test_now + day));
  CHECK_FALSE(both->valid_at(test_now + day + 1));
  CHECK(both->expired_at(test_now + day + 1));
  CHECK_FALSE(both->valid_at(test_now - 2 * day));
  CHECK_FALSE(both->expired_at(test_now - 2 * day));
}

TEST_CASE("the members of a chain are told with their ends, and the earliest of them", "[cert]") {
  const TestCa ca("Chained", 2);
  const Identity leaf = ca.leaf("a.example");
  const Identity alone = mint({"b.example", {"b.example"}, Key::rsa2048, 0});
  const auto chained = loaded(key_pem(leaf) + pem(leaf) + chain_pem(ca));
  const auto members = cert::chain_members(chained->pairs[0]);
  REQUIRE(members.size() == 2);
  CHECK(members[0].subject == "CN=Chained Intermediate 2");
  CHECK(members[1].subject == "CN=Chained Intermediate 1");
  CHECK(members[0].not_after == test_now + 3000 * day);
  CHECK(chained->chain_not_after() == test_now + 3000 * day);
  const auto chainless = loaded(key_pem(alone) + pem(alone));
  CHECK(cert::chain_members(chainless->pairs[0]).empty());
  CHECK(chainless->chain_not_after() == cert::no_end);
}

TEST_CASE("subjects are shown with control bytes escaped", "[cert]") {
  const Identity one = mint({"evil\x1b[31m\nname, with comma", {"a.example"}});
  const auto certificate = loaded(key_pem(one) + pem(one));
  const std::string text = cert::subject(certificate->pairs[0]);
  CHECK(text == "CN=evil\\1B[31m\\0Aname\\, with comma");
}

TEST_CASE("a written text can be encrypted and wiped", "[cert]") {
  const Identity one = mint({"x", {"a.example"}});
  const auto certificate = loaded(key_pem(one) + pem(one));
  std::string text = cert::to_pem(*certificate, "secret");
  CHECK_THAT(text, Contains("BEGIN ENCRYPTED PRIVATE KEY"));
  CHECK_THAT(text, !Contains("BEGIN PRIVATE KEY"));
  const char* const where = text.data();
  const std::size_t size = text.size();
  cert::wipe(text);
  CHECK(text.empty());
  CHECK(std::string(where + 1, size - 1) == std::string(size - 1, '\0'));
}
