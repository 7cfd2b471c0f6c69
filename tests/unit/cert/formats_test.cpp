#include "cert/load.hpp"
#include "support/stores.hpp"
#include "support/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace arbortls;
using namespace arbortls::test;
using Catch::Matchers::Contains;

namespace {

struct Outcome {
  std::string error;
  std::string warnings;
  cert::CertificatePtr certificate;
};

Outcome outcome(const std::string& bytes, const std::string& passphrase = {},
                const std::string& file = {}) {
  cert::LoadOptions options;
  options.now = test_now;
  options.passphrase = passphrase;
  auto result = cert::load_any(bytes, file, options);
  Outcome got;
  if (!result) {
    got.error = result.error().message;
    return got;
  }
  for (const auto& warning : result->warnings) got.warnings += warning + "\n";
  got.certificate = result->certificate;
  return got;
}

// An authority and a tenant of each key type.
struct Site {
  TestCa ca{"Formats", 2};
  Identity ec = ca.leaf("a.example");
  Identity rsa = ca.leaf(Wanted{"a.example", {"a.example"}, Key::rsa2048, 0});

  void check_ec(const Outcome& got) const {
    REQUIRE(got.error == "");
    REQUIRE(got.certificate->pairs.size() == 1);
    const auto& pair = got.certificate->pairs[0];
    CHECK(std::string(pair.leaf->begin(), pair.leaf->end()) == der(ec.x509.get()));
    REQUIRE(pair.chain.size() == 2);
    CHECK(std::string(pair.chain[0]->begin(), pair.chain[0]->end()) ==
          der(ca.intermediates[1].x509.get()));
    CHECK(std::string(pair.chain[1]->begin(), pair.chain[1]->end()) ==
          der(ca.intermediates[0].x509.get()));
  }
};

}  // namespace

TEST_CASE("a PKCS#12 loads however it was made", "[cert]") {
  const Site site;
  const auto [what, maker, passphrase, warning] =
      GENERATE(table<std::string, Store, std::string, std::string>({
          {"as OpenSSL makes it now", Store{}, "secret", ""},
          {"without a MAC", Store{.mac = false}, "secret", ""},
          {"with 3DES", Store{.key_pbe = triple_des, .certificate_pbe = triple_des}, "secret",
           "PBE-SHA1-3DES, which is old and weak"},
          {"with RC2 of 40 bits", Store{.key_pbe = triple_des, .certificate_pbe = rc2_40}, "secret",
           "which is old and weak"},
          {"with RC2 of 40 bits and no MAC",
           Store{.key_pbe = rc2_40, .certificate_pbe = rc2_40, .mac = false}, "secret",
           "PBE-SHA1-RC2-40, which is old and weak"},
          {"with nothing encrypted", Store{.key_pbe = -1, .certificate_pbe = -1}, "secret", ""},
          {"with nothing encrypted and no MAC",
           Store{.key_pbe = -1, .certificate_pbe = -1, .mac = false}, "", ""},
          {"with an empty passphrase", Store{}, "", ""},
          {"with an empty passphrase and no MAC", Store{.mac = false}, "", ""},
          {"with an empty passphrase and RC2", Store{.key_pbe = rc2_40, .certificate_pbe = rc2_40},
           "", "old and weak"},
          {"with no passphrase at all", Store{.null_passphrase = true}, "", ""},
          {"with no passphrase at all and 3DES",
           Store{.key_pbe = triple_des, .certificate_pbe = triple_des, .null_passphrase = true}, "",
           "old and weak"},
          {"with the chain upside down", Store{.reversed = true}, "secret", ""},
          {"with the root in it", Store{.root = true}, "secret", ""},
          {"with a passphrase that is not ASCII", Store{}, "gr\xc3\xbc\xc3\x9f", ""},
      }));
  INFO(what);
  Store store = maker;
  store.passphrase = passphrase;
  const auto got = outcome(store.of({&site.ec}, site.ca), passphrase);
  site.check_ec(got);
  if (warning.empty()) {
    CHECK(got.warnings == "");
  } else {
    CHECK_THAT(got.warnings, Contains(warning) && Contains("arbortls cert convert"));
  }
}

TEST_CASE("a PKCS#12 that needs no passphrase opens with any", "[cert]") {
  const Site site;
  site.check_ec(outcome(Store{}.of({&site.ec}, site.ca), "given all the same"));
}

TEST_CASE("a PKCS#12 with an RSA and an ECDSA pair is one of each", "[cert]") {
  const Site site;
  Store store;
  store.passphrase = "secret";
  for (const bool rsa_first : {true, false}) {
    const auto got = outcome(rsa_first ? store.of({&site.rsa, &site.ec}, site.ca)
                                       : store.of({&site.ec, &site.rsa}, site.ca),
                             "secret");
    REQUIRE(got.error == "");
    CHECK(got.warnings == "");
    REQUIRE(got.certificate->pairs.size() == 2);
    CHECK(got.certificate->pairs[0].key_type == cert::KeyType::ecdsa);
    CHECK(got.certificate->pairs[1].key_type == cert::KeyType::rsa);
    CHECK(got.certificate->pairs[1].chain.size() == 2);
  }
}

TEST_CASE("a PKCS#12 that cannot be opened says why, without a secret", "[cert]") {
  const Site site;
  Store store;
  store.passphrase = "secret";
  const std::string good = store.of({&site.ec}, site.ca);
  store.mac = false;
  const std::string unproven = store.of({&site.ec}, site.ca);
  for (const auto& bytes : {good, unproven}) {
    CHECK(outcome(bytes, "s3cr3t").error == "wrong passphrase");
    CHECK_THAT(outcome(bytes).error, Contains("no passphrase is given"));
  }
  CHECK(outcome(good.substr(0, good.size() / 2), "secret").error != "");
  store.rounds = 30'000'000;
  CHECK_THAT(outcome(cheaply_claiming_rounds(good, store.rounds), "secret").error,
             Contains("too many rounds"));
}

TEST_CASE("the process's own library stays without the legacy provider", "[cert]") {
  const Site site;
  Store store{.key_pbe = rc2_40, .certificate_pbe = rc2_40};
  store.passphrase = "secret";
  site.check_ec(outcome(store.of({&site.ec}, site.ca), "secret"));
  CHECK(OSSL_PROVIDER_available(nullptr, "legacy") == 0);
  const openssl::Handle<EVP_CIPHER, EVP_CIPHER_free> cipher(
      EVP_CIPHER_fetch(nullptr, "RC2-40-CBC", nullptr));
  CHECK(cipher == nullptr);
  ERR_clear_error();
}

TEST_CASE("PKCS#7 gives its certificates, in DER and in PEM, beside a key", "[cert]") {
  const Site site;
  const std::vector<const Identity*> all{&site.ca.intermediates[0], &site.ec,
                                         &site.ca.intermediates[1], &site.ca.root};
  site.check_ec(outcome(key_pem(site.ec) + pkcs7_pem(all)));
  CHECK_THAT(outcome(pkcs7_der(all)).error, Contains("no private key found"));
}

TEST_CASE("text in UTF-16 and with a byte order mark of UTF-8 is read", "[cert]") {
  const Site site;
  const std::string text = key_pem(site.ec) + pem(site.ec) + chain_pem(site.ca);
  site.check_ec(outcome("\xef\xbb\xbf" + text));
  for (const bool big : {true, false}) {
    for (const bool mark : {true, false}) {
      INFO((big ? "big" : "little") << (mark ? ", marked" : ""));
      const auto got = outcome(utf16(text, big, mark));
      site.check_ec(got);
      CHECK_THAT(got.warnings, Contains("UTF-16"));
    }
  }
}

TEST_CASE("Java keystores are refused with the command that converts them", "[cert]") {
  using namespace std::string_literals;
  const auto [bytes, type] = GENERATE(table<std::string, std::string>({
      {"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1"s, "JKS"},
      {"\xce\xce\xce\xce\0\0\0\2\0\0\0\1"s, "JCEKS"},
      {"\0\0\0\2\0\0\0\24abcdefghijklmnopqrst"s, "BKS"},
  }));
  const auto got = outcome(bytes, "secret", "/etc/it's here/store.jks");
  CHECK_THAT(got.error, Contains("keytool -importkeystore -srckeystore "
                                 "'/etc/it'\\''s here/store.jks' -srcstoretype " +
                                 type + " -destkeystore server.p12 -deststoretype PKCS12"));
  CHECK(outcome(bytes).error.find("-srckeystore FILE") != std::string::npos);
}

TEST_CASE("what is no certificate at all gets a helpful word", "[cert]") {
  const Site site;
  const std::string text = pem(site.ec);
  const std::string bare = text.substr(text.find('\n') + 1, 400);
  CHECK_THAT(outcome("\n" + bare).error, Contains("BEGIN and END lines are missing"));
  CHECK_THAT(outcome("").error, Contains("empty"));
  CHECK_THAT(outcome("PK\3\4").error, Contains("no PEM found"));
}
