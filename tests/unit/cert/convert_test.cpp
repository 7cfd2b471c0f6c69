#include "cert/convert.hpp"

#include "cert/inspect.hpp"
#include "cert/load.hpp"
#include "support/stores.hpp"
#include "support/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace arbortls;
using namespace arbortls::test;
using cert::Encoding;
using cert::Part;
using Catch::Matchers::Contains;

namespace {

struct Site {
  TestCa ca{"Convert", 2};
  Identity ec = ca.leaf("a.example");
  Identity rsa = ca.leaf(Wanted{"a.example", {"a.example"}, Key::rsa2048, 0});
  std::string text = key_pem(rsa) + pem(rsa) + chain_pem(ca) + key_pem(ec) + pem(ec);
};

cert::Conversion conversion(Encoding to, Part part = Part::all, const std::string& lock = {}) {
  cert::Conversion made;
  made.to = to;
  made.part = part;
  made.passphrase = "secret";
  made.out_passphrase = lock;
  made.now = test_now;
  return made;
}

std::string converted(const std::string& bytes, const cert::Conversion& how) {
  auto result = cert::convert(bytes, {}, how);
  if (!result) FAIL(result.error().message);
  return *result;
}

std::string refusal(const std::string& bytes, const cert::Conversion& how) {
  const auto result = cert::convert(bytes, {}, how);
  REQUIRE_FALSE(result.has_value());
  return result.error().message;
}

cert::CertificatePtr loaded(const std::string& bytes, const std::string& passphrase) {
  cert::LoadOptions options;
  options.now = test_now;
  options.passphrase = passphrase;
  auto result = cert::load_any(bytes, {}, options);
  if (!result) FAIL(result.error().message);
  for (const auto& warning : result->warnings) FAIL_CHECK(warning);
  return result->certificate;
}

}  // namespace

TEST_CASE("every whole format that is written is read back as the same", "[cert]") {
  const Site site;
  const auto original = loaded(site.text, "");
  const auto to = GENERATE(Encoding::pem, Encoding::pkcs12);
  const auto lock = GENERATE(as<std::string>{}, "", "open sesame", "gr\xc3\xbc\xc3\x9f");
  const std::string written = converted(site.text, conversion(to, Part::all, lock));
  const auto again = loaded(written, lock);
  CHECK(again->identity == original->identity);
  CHECK(again->pairs.size() == 2);
  for (const auto back : {Encoding::pem, Encoding::pkcs12}) {
    auto how = conversion(back);
    how.passphrase = lock;
    CHECK(loaded(converted(written, how), "")->identity == original->identity);
  }
  if (!lock.empty()) {
    CHECK_THAT(refusal(written, conversion(Encoding::pem)), Contains("wrong passphrase"));
  }
}

TEST_CASE("an old PKCS#12 is written anew without old encryption", "[cert]") {
  const Site site;
  Store store{.key_pbe = rc2_40, .certificate_pbe = rc2_40};
  store.passphrase = "secret";
  const std::string old = store.of({&site.ec}, site.ca);
  CHECK(loaded(converted(old, conversion(Encoding::pkcs12, Part::all, "new")), "new")
            ->pairs.size() == 1);
}

TEST_CASE("the parts of a pair are written apart and belong together", "[cert]") {
  const Site site;
  const std::string pair = key_pem(site.ec) + pem(site.ec) + chain_pem(site.ca);
  const auto part = [&](Encoding to, Part which) { return converted(pair, conversion(to, which)); };
  CHECK(part(Encoding::pem, Part::key) == key_pem(site.ec));
  CHECK(part(Encoding::pem, Part::certificate) == pem(site.ec));
  CHECK(part(Encoding::pem, Part::chain) == chain_pem(site.ca));
  CHECK(part(Encoding::pem, Part::fullchain) == pem(site.ec) + chain_pem(site.ca));
  CHECK(part(Encoding::der, Part::certificate) == der(site.ec.x509.get()));
  CHECK(part(Encoding::der, Part::key) == key_der(site.ec.key.get()));
  CHECK(converted(part(Encoding::der, Part::key), conversion(Encoding::pem)) == key_pem(site.ec));
  CHECK(converted(part(Encoding::der, Part::certificate), conversion(Encoding::pem)) ==
        pem(site.ec));
  const std::string locked = converted(pair, conversion(Encoding::der, Part::key, "secret"));
  CHECK(converted(locked, conversion(Encoding::pem)) == key_pem(site.ec));
}

TEST_CASE("PKCS#7 becomes PEM in its order", "[cert]") {
  const Site site;
  const std::string der = pkcs7_der({&site.ec, &site.ca.intermediates[1]});
  CHECK(converted(der, conversion(Encoding::pem)) ==
        pem(site.ec) + pem(site.ca.intermediates[1]));
}

TEST_CASE("what cannot be written is refused with the way out", "[cert]") {
  const Site site;
  CHECK_THAT(refusal(site.text, conversion(Encoding::der)), Contains("--part key"));
  CHECK_THAT(refusal(pem(site.ec), conversion(Encoding::pem, Part::key)), Contains("nothing of"));
  CHECK_THAT(refusal(pem(site.ec), conversion(Encoding::pkcs12)), Contains("no private key"));
  CHECK_THAT(refusal(site.text, conversion(Encoding::pkcs12, Part::key)), Contains("--part"));
  CHECK_THAT(refusal(key_pem(site.rsa) + pem(site.ec), conversion(Encoding::pem)),
             Contains("does not match"));
  CHECK_THAT(refusal("nonsense", conversion(Encoding::pem)), Contains("no PEM found"));
}

TEST_CASE("a look tells the pin, whether the key matches, and where the chain ends", "[cert]") {
  const Site site;
  const auto seen = [](const std::string& bytes) {
    auto result = cert::inspect(bytes, "", test_now);
    if (!result) FAIL(result.error().message);
    return std::move(*result);
  };
  const auto pair = seen(key_pem(site.ec) + pem(site.ca.intermediates[0]) + pem(site.ec) +
                         pem(site.ca.intermediates[1]));
  REQUIRE(pair.keys.size() == 1);
  CHECK(pair.keys[0].matches);
  CHECK(pair.keys[0].pin.size() == 44);
  CHECK(pair.keys[0].pin == pair.certificates[1].pin);
  CHECK(pair.keys[0].pin != pair.certificates[0].pin);
  REQUIRE(pair.chains.size() == 1);
  CHECK(pair.chains[0].leaf == "CN=a.example");
  CHECK(pair.chains[0].members ==
        std::vector<std::string>{"CN=Convert Intermediate 2", "CN=Convert Intermediate 1"});
  CHECK_FALSE(pair.chains[0].complete);
  CHECK_THAT(pair.chains[0].end, Contains("\"CN=Convert Root\""));

  const auto whole = seen(pem(site.ec) + chain_pem(site.ca) + pem(site.ca.root));
  REQUIRE(whole.chains.size() == 1);
  CHECK(whole.chains[0].complete);
  CHECK(whole.chains[0].members.size() == 2);
  CHECK_THAT(seen(pem(site.ec)).chains[0].end,
             Contains("missing") && Contains("\"CN=Convert Intermediate 2\""));
  CHECK_FALSE(seen(key_pem(site.rsa) + pem(site.ec)).keys[0].matches);
  CHECK(seen(pkcs7_der({&site.ec})).format == "PKCS#7");
}

TEST_CASE("the pin is what openssl makes of the public key", "[cert]") {
  // openssl pkey -pubout -outform DER | openssl dgst -sha256 -binary | openssl base64
  const std::string key =
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
      "-----END PRIVATE KEY-----\n";  // RFC 8410, 10.3
  const auto seen = cert::inspect(key, "", test_now);
  REQUIRE(seen.has_value());
  REQUIRE(seen->keys.size() == 1);
  CHECK(seen->keys[0].pin == "oekVYFTgT6yJmunydRMs3Ael28TqLCrTof/G4NJTaB8=");
}
