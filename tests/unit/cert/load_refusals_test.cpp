#include "base/file.hpp"
#include "cert/load.hpp"
#include "support/test_ca.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

using namespace arbortls;
using namespace arbortls::test;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;

namespace {

cert::LoadOptions at_test_now(const std::string& passphrase = {}) {
  cert::LoadOptions options;
  options.now = test_now;
  options.passphrase = passphrase;
  return options;
}

std::string refusal(const std::string& text, const std::string& passphrase = {}) {
  const auto result = cert::load_pem(text, at_test_now(passphrase));
  return result ? "(loaded)" : result.error().message;
}

cert::Loaded loaded(const std::string& text) {
  auto result = cert::load_pem(text, at_test_now());
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

bool warned(const cert::Loaded& got, const std::string& words) {
  return std::any_of(got.warnings.begin(), got.warnings.end(), [&](const std::string& warning) {
    return warning.find(words) != std::string::npos;
  });
}

std::string text_of(const Identity& identity) { return key_pem(identity) + pem(identity); }

Wanted named(const std::string& name, Key key = Key::p256) {
  Wanted wanted;
  wanted.common_name = name;
  wanted.names = {name};
  wanted.key = key;
  wanted.key_number = 0;
  return wanted;
}

class Directory {
 public:
  Directory() {
    char name[] = "/tmp/certdir_XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
  void put(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    REQUIRE(write_file_atomically(path + "/" + name, text, mode).has_value());
  }
  std::string path;
};

}  // namespace

TEST_CASE("a text without what is needed is refused, and says what is missing", "[cert]") {
  const Identity one = mint(named("a.example"));
  const Identity other = mint(named("b.example", Key::rsa2048));
  CHECK_THAT(refusal(""), Equals("the certificate text is empty"));
  CHECK_THAT(refusal(" \n\n"), Equals("the certificate text is empty"));
  CHECK_THAT(refusal("hello"), Contains("no PEM found"));
  CHECK_THAT(refusal(pem(one)), Equals("no private key found"));
  CHECK_THAT(refusal(key_pem(one)), Equals("no certificate found"));
  CHECK_THAT(refusal(key_pem(other) + pem(one)),
             Equals("the private key does not match any certificate"));
  Wanted fresh = named("c.example");
  fresh.key_number = -1;
  CHECK_THAT(refusal(key_pem(mint(fresh)) + pem(one)),
             Equals("the private key does not match any certificate"));
  CHECK_THAT(refusal(key_pem(mint(fresh)) + key_pem(other) + pem(one)),
             Equals("no private key matches any certificate"));
  CHECK_THAT(refusal("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
             Equals("no private key found; no certificate found"));
}

TEST_CASE("a text that is too large is refused before it is read", "[cert]") {
  const std::string text = text_of(mint(named("a.example")));
  CHECK(refusal(text + std::string(cert::max_text - text.size(), '\n')) == "(loaded)");
  CHECK_THAT(refusal(text + std::string(cert::max_text - text.size() + 1, '\n')),
             Contains("larger than 1048576 bytes"));
}

TEST_CASE("weak keys are refused with their size", "[cert]") {
  CHECK_THAT(refusal(text_of(mint(named("a.example", Key::rsa1024)))),
             Equals("RSA key of 1024 bits is too weak, at least 2048 are needed"));
  CHECK_THAT(refusal(text_of(mint(named("a.example", Key::p192)))),
             Equals("EC key of 192 bits is too weak, at least 224 are needed"));
}

TEST_CASE("signatures by MD5 and SHA-1 are refused on leaves and intermediates, not on roots",
          "[cert]") {
  const auto digest = GENERATE("SHA1", "MD5");
  const TestCa ca("Test", 1, Key::rsa2048);
  Wanted wanted = named("a.example");
  wanted.digest = digest;
  CHECK_THAT(refusal(text_of(ca.leaf(wanted))), Contains("no longer accept"));
  Wanted authority;
  authority.ca = true;
  authority.key = Key::rsa2048;
  authority.common_name = "Old Root";
  authority.digest = digest;
  const Identity root = mint(authority);
  authority.common_name = "Old Intermediate";
  const Identity intermediate = mint(authority, &root);
  const Identity below = mint(named("a.example"), &intermediate);
  CHECK_THAT(refusal(text_of(below) + pem(intermediate)),
             Contains("Old Intermediate") && Contains("no longer accept"));
  const Identity directly = mint(named("a.example"), &root);
  const auto got = loaded(text_of(directly) + pem(root));
  CHECK(got.warnings.empty());
  CHECK(got.certificate->pairs[0].chain.empty());
}

TEST_CASE("a weak key in the chain is refused", "[cert]") {
  const TestCa ca("Weak", 1, Key::rsa1024);
  CHECK_THAT(refusal(text_of(ca.leaf("a.example")) + chain_pem(ca)),
             Contains("Weak Intermediate 1") && Contains("1024 bits"));
}

TEST_CASE("dates: not yet valid is refused, expired is served with a warning", "[cert]") {
  const auto [begin, end, outcome] = GENERATE(table<std::int64_t, std::int64_t, std::string>({
      {-day, day, "fine"},
      {0, day, "fine"},
      {1, day, "refused"},
      {-2 * day, -1, "warned"},
      {-2 * day, 0, "fine"},
      {day, 2 * day, "refused"},
  }));
  Wanted wanted = named("a.example");
  wanted.not_before = test_now + begin;
  wanted.not_after = test_now + end;
  const std::string text = text_of(mint(wanted));
  if (outcome == "refused") {
    CHECK_THAT(refusal(text), Contains("not valid before 2026-06-0"));
    return;
  }
  const auto got = loaded(text);
  CHECK(warned(got, "the certificate expired on 2026-05-31") == (outcome == "warned"));
  CHECK(got.certificate->expired_at(test_now) == (outcome == "warned"));
  CHECK(got.certificate->valid_at(test_now) == (outcome != "warned"));
  CHECK(got.certificate->pairs[0].not_before == wanted.not_before);
  CHECK(got.certificate->not_after() == wanted.not_after);
}

TEST_CASE("an expired member of the chain is warned about", "[cert]") {
  const TestCa ca("Old", 1, Key::p256, test_now - 10000 * day);
  CHECK(warned(loaded(text_of(ca.leaf("a.example")) + chain_pem(ca)),
               "Old Intermediate 1\" expired"));
}

TEST_CASE("two pairs of one key type are refused", "[cert]") {
  const TestCa ca;
  const Identity one = ca.leaf("a.example");
  const Identity two = ca.leaf("a.example");
  CHECK_THAT(refusal(text_of(one) + text_of(two)), Contains("two pairs of the key type ecdsa"));
  const Identity again = mint(named("a.example"));
  const Identity twice = mint(named("a.example"));
  CHECK_THAT(refusal(text_of(again) + pem(twice)), Contains("two pairs of the key type ecdsa"));
}

TEST_CASE("several reasons are told at once", "[cert]") {
  Wanted wanted = named("a.example", Key::rsa1024);
  wanted.digest = "SHA1";
  wanted.not_before = test_now + day;
  CHECK_THAT(refusal(text_of(mint(wanted))), Contains("1024 bits") && Contains("; ") &&
                                                 Contains("SHA1") && Contains("not valid before"));
}

TEST_CASE("passphrases: missing, wrong and right", "[cert]") {
  const auto kind = GENERATE(Key::p256, Key::rsa2048);
  const Identity one = mint(named("a.example", kind));
  for (const auto& text : {pkcs8_pem(one.key.get(), "secret-word"),
                           traditional_pem(one.key.get(), "AES-256-CBC", "secret-word")}) {
    CHECK_THAT(refusal(text + pem(one)), Contains("encrypted and no passphrase is given"));
    for (int i = 0; i < 20; ++i) {
      const std::string wrong = "wrong-word" + std::to_string(i);
      const std::string message = refusal(text + pem(one), wrong);
      CHECK_THAT(message, Contains("wrong passphrase"));
      CHECK_THAT(message, !Contains("-word"));
    }
    CHECK(refusal(text + pem(one), "secret-word") == "(loaded)");
  }
}

TEST_CASE("a key whose private part was damaged is refused", "[cert]") {
  const Identity rsa = mint(named("a.example", Key::rsa2048));
  std::string der_text = key_der(rsa.key.get());
  // Any byte of the private exponent and the primes; the public part stands before them.
  for (const std::size_t at : {400u, 500u, 700u, 800u}) {
    std::string bad = der_text;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    const std::string block = test::detail::written([&](BIO* out) {
      return PEM_write_bio(out, "PRIVATE KEY", "",
                           reinterpret_cast<const unsigned char*>(bad.data()),
                           static_cast<long>(bad.size())) > 0;
    });
    CHECK_THAT(refusal(block + pem(rsa)), Contains("damaged"));
  }
  const Identity ec = mint(named("a.example"));
  std::string bad = key_der(ec.key.get());
  bad[40] = static_cast<char>(bad[40] ^ 1);
  const std::string block = test::detail::written([&](BIO* out) {
    return PEM_write_bio(out, "PRIVATE KEY", "", reinterpret_cast<const unsigned char*>(bad.data()),
                         static_cast<long>(bad.size())) > 0;
  });
  CHECK_THAT(refusal(block + pem(ec)), Contains("damaged"));
}

TEST_CASE("damaged blocks are refused with their line", "[cert]") {
  const Identity one = mint(named("a.example"));
  const std::string key = key_pem(one);
  const std::string whole = key + pem(one);
  const auto [what, by, words] = GENERATE(table<std::string, std::string, std::string>({
      {"-----END PRIVATE KEY-----", "-----END CERTIFICATE-----", "does not fit"},
      {"-----END PRIVATE KEY-----\n", "", "has no END line"},
      {"-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE----", "BEGIN line is damaged"},
      {"-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n!", "not base64"},
      {"-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nAAAA", "damaged"},
      {"-----END CERTIFICATE-----", "AAAA-----END CERTIFICATE-----", "a certificate"},
  }));
  std::string bad = whole;
  bad.replace(bad.find(what), what.size(), by);
  INFO(words);
  CHECK_THAT(refusal(bad), Contains(words) && Contains("line "));
}

TEST_CASE("a cut at any byte is an error, unless it falls behind an END line", "[cert]") {
  const TestCa ca("Cut", 2);
  const Identity leaf = ca.leaf("a.example");
  const std::string pair = text_of(leaf);
  const std::string text = pair + chain_pem(ca) + "some words";
  const std::string end = "-----END CERTIFICATE-----";
  std::size_t clean_cuts = 0;
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    const std::string part = text.substr(0, cut);
    const auto result = cert::load_pem(part, at_test_now());
    const auto last = part.rfind(end);
    const bool between =
        last != part.npos && part.find_first_not_of('\n', last + end.size()) == part.npos;
    const bool behind = cut + 10 >= text.size();
    INFO("cut at " << cut);
    if (result.has_value()) {
      CHECK((between || behind));
      ++clean_cuts;
    } else {
      CHECK_FALSE(result.error().message.empty());
      CHECK_FALSE(behind);
    }
  }
  CHECK(clean_cuts == 15);
}

TEST_CASE("a cut inside a folded text is an error as well", "[cert]") {
  const TestCa ca;
  const Identity leaf = ca.leaf("a.example");
  std::string text = text_of(leaf) + chain_pem(ca);
  std::replace(text.begin(), text.end(), '\n', ' ');
  const std::size_t pair_end = text.find("-----END CERTIFICATE-----") + 25;
  for (std::size_t cut = 0; cut < text.size(); cut += 1) {
    const bool ok = cert::load_pem(text.substr(0, cut), at_test_now()).has_value();
    INFO("cut at " << cut << " of " << text.size());
    CHECK(ok == (cut == pair_end || cut == pair_end + 1 || cut + 1 == text.size()));
  }
}

TEST_CASE("what does not belong is told and left out", "[cert]") {
  const TestCa ca;
  const TestCa stranger("Stranger");
  const Identity leaf = ca.leaf("a.example");
  const auto got =
      loaded(text_of(leaf) + chain_pem(ca) + chain_pem(stranger) +
             key_pem(mint(named("x", Key::rsa2048))) +
             "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
  CHECK(got.certificate->pairs.size() == 1);
  CHECK(got.certificate->pairs[0].chain.size() == 1);
  CHECK(warned(got, "Stranger Intermediate 1\" does not belong"));
  CHECK(warned(got, "(rsa) matches no certificate"));
  CHECK(warned(got, "OPENSSH PRIVATE KEY is of no use"));
  CHECK(got.warnings.size() == 3);
}

TEST_CASE("a forged issuer of the right name is not taken into the chain", "[cert]") {
  const TestCa ca;
  const TestCa forged;
  const Identity leaf = ca.leaf("a.example");
  const auto got = loaded(text_of(leaf) + chain_pem(forged) + chain_pem(ca));
  REQUIRE(got.certificate->pairs[0].chain.size() == 1);
  CHECK(std::string(got.certificate->pairs[0].chain[0]->begin(),
                    got.certificate->pairs[0].chain[0]->end()) ==
        der(ca.intermediates[0].x509.get()));
}

TEST_CASE("a missing chain is told, unless the certificate needs none", "[cert]") {
  const TestCa ca;
  const Identity leaf = ca.leaf("a.example");
  CHECK(warned(loaded(text_of(leaf)), "the chain is missing"));
  CHECK_FALSE(warned(loaded(text_of(leaf) + chain_pem(ca)), "the chain is missing"));
  CHECK_FALSE(warned(loaded(text_of(mint(named("self.example")))), "the chain is missing"));
}

TEST_CASE("two authorities that signed each other make no endless chain", "[cert]") {
  Wanted a;
  a.ca = true;
  a.common_name = "A";
  a.key_number = 1;
  Wanted b = a;
  b.common_name = "B";
  b.key_number = 2;
  const Identity root_a = mint(a);
  const Identity root_b = mint(b);
  const Identity a_by_b = mint(a, &root_b);
  const Identity b_by_a = mint(b, &root_a);
  const Identity leaf = mint(named("a.example"), &root_a);
  const auto got = loaded(text_of(leaf) + pem(a_by_b) + pem(b_by_a));
  CHECK(got.certificate->pairs[0].chain.size() == 2);
}

TEST_CASE("names with a NUL and names that are none are left out and told", "[cert]") {
  Wanted wanted = named("good.example");
  wanted.names = {"Good.Example", "*.wild.example", "10.1.2.3", "2001:db8::1"};
  wanted.raw_dns_sans = {std::string("a\0b.example", 11), "sp ace", "\x1b[31m.example",
                         "192.0.2.1"};
  const auto got = loaded(text_of(mint(wanted)));
  CHECK(got.certificate->pairs[0].names ==
        std::vector<std::string>{"good.example", "*.wild.example", "10.1.2.3", "2001:db8::1"});
  CHECK(warned(got, "\"a\\x00b.example\" contains a NUL"));
  CHECK(warned(got, "\"sp ace\" is not a host name"));
  CHECK(warned(got, "\\x1b[31m"));
  CHECK(warned(got, "\"192.0.2.1\" stands as a DNS name"));
  CHECK_FALSE(got.certificate->covers("a"));
  CHECK_FALSE(got.certificate->covers(std::string("a\0b.example", 11)));
}

TEST_CASE("a certificate that is not for servers is told", "[cert]") {
  Wanted wanted = named("a.example");
  wanted.extended_key_usage = "clientAuth";
  wanted.key_usage = "critical,keyAgreement";
  const auto got = loaded(text_of(mint(wanted)));
  CHECK(warned(got, "no serverAuth"));
  CHECK(warned(got, "lacks digitalSignature"));
}

TEST_CASE("a certdir gives its pair, its chain and its warnings", "[cert]") {
  const TestCa ca;
  const Identity leaf = ca.leaf("a.example");
  const Directory directory;
  directory.put("server.key", key_pem(leaf));
  directory.put("server.crt", pem(leaf) + chain_pem(ca), 0644);
  const auto got = cert::load_certdir(directory.path, at_test_now());
  REQUIRE(got.has_value());
  CHECK(got->certificate->pairs[0].chain.size() == 1);
  CHECK(got->warnings.empty());
  for (const mode_t mode : {0640, 0604, 0644}) {
    std::filesystem::permissions(directory.path + "/server.key",
                                 static_cast<std::filesystem::perms>(mode));
    const auto open = cert::load_certdir(directory.path, at_test_now());
    REQUIRE(open.has_value());
    CHECK(warned(*open, "server.key: the key file is readable by group or others"));
  }
}

TEST_CASE("a certdir's second key type stands behind the first in both files", "[cert]") {
  const TestCa ca;
  const Identity ecdsa = ca.leaf("a.example");
  const Identity rsa = ca.leaf("a.example", Key::rsa2048);
  const Directory directory;
  directory.put("server.key", key_pem(rsa) + key_pem(ecdsa));
  directory.put("server.crt", pem(rsa) + chain_pem(ca) + pem(ecdsa));
  const auto got = cert::load_certdir(directory.path, at_test_now());
  REQUIRE(got.has_value());
  CHECK(got->certificate->pairs.size() == 2);
}

TEST_CASE("a certdir's errors name the file", "[cert]") {
  const Identity one = mint(named("a.example"));
  const Identity other = mint(named("a.example", Key::rsa2048));
  const Directory directory;
  const auto says = [&] {
    const auto got = cert::load_certdir(directory.path, at_test_now());
    return got ? "(loaded)" : got.error().message;
  };
  const std::string key = directory.path + "/server.key";
  const std::string crt = directory.path + "/server.crt";
  CHECK_THAT(says(), Contains(key + ": cannot open"));
  directory.put("server.key", key_pem(one));
  CHECK_THAT(says(), Contains(crt + ": cannot open"));
  directory.put("server.crt", pem(other));
  CHECK_THAT(says(), Equals(directory.path + ": the private key does not match any certificate"));
  directory.put("server.crt", pem(one).substr(0, 100));
  CHECK_THAT(says(), Contains(crt + ": ") && Contains("truncated"));
  directory.put("server.crt", key_pem(one));
  CHECK_THAT(says(), Equals(crt + ": no certificate found"));
  directory.put("server.key", pem(one));
  CHECK_THAT(says(), Equals(key + ": no private key found"));
  directory.put("server.key", std::string(10'000'000, 'x'));
  CHECK_THAT(says(), Contains(key) && Contains("larger than"));
  std::filesystem::remove(key);
  std::filesystem::create_directory(key);
  CHECK_THAT(says(), Contains(key) && Contains("is a directory"));
}
