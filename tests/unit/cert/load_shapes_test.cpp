#include "cert/load.hpp"
#include "cert/make.hpp"
#include "cert/pem_write.hpp"
#include "support/test_ca.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace arbortls;
using namespace arbortls::test;

namespace {

cert::LoadOptions at_test_now(const std::string& passphrase = {}) {
  cert::LoadOptions options;
  options.now = test_now;
  options.passphrase = passphrase;
  return options;
}

cert::Loaded loaded(const std::string& text, const std::string& passphrase = {}) {
  auto result = cert::load_pem(text, at_test_now(passphrase));
  INFO(text);
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// One tenant's key, leaf and chain of two.
struct Tenant {
  TestCa ca{"Shapes", 2};
  Identity leaf = ca.leaf("acme.example");
  std::string text = key_pem(leaf) + pem(leaf) + chain_pem(ca);

  void check(const cert::Loaded& got) const {
    REQUIRE(got.certificate->pairs.size() == 1);
    const auto& pair = got.certificate->pairs[0];
    CHECK(std::string(pair.leaf->begin(), pair.leaf->end()) == der(leaf.x509.get()));
    REQUIRE(pair.chain.size() == 2);
    CHECK(std::string(pair.chain[0]->begin(), pair.chain[0]->end()) ==
          der(ca.intermediates[1].x509.get()));
    CHECK(std::string(pair.chain[1]->begin(), pair.chain[1]->end()) ==
          der(ca.intermediates[0].x509.get()));
    CHECK(pair.names == std::vector<std::string>{"acme.example"});
    for (const auto& warning : got.warnings) FAIL_CHECK(warning);
  }
};

}  // namespace

TEST_CASE("a key, its certificate and its chain load without a warning", "[cert]") {
  const Tenant tenant;
  tenant.check(loaded(tenant.text));
}

TEST_CASE("text and attributes around the blocks are ignored", "[cert]") {
  const Tenant tenant;
  const std::string attributes =
      "Bag Attributes\r\n    localKeyID: 01 00 00 00\n    friendlyName: -----\n"
      "subject=CN = acme.example\n\nissuer=CN = x\n";
  const std::string mark = "date=2023-11-29\n# made with care -----BEGIN soon\n";
  std::string text = mark + replaced(tenant.text, "-----BEGIN", attributes + "-----BEGIN");
  tenant.check(loaded(text + "\ntrailing words\n"));
}

TEST_CASE("the way the lines are folded does not matter", "[cert]") {
  const Tenant tenant;
  const auto by =
      GENERATE(as<std::string>{}, "\r\n", "\r", " ", "", "\\n", "\\r\\n", "\t\n", "\n\n");
  INFO("lines joined by [" << by << "]");
  tenant.check(loaded(replaced(tenant.text, "\n", by)));
}

TEST_CASE("a one-line paste with words around it loads", "[cert]") {
  const Tenant tenant;
  tenant.check(loaded("date=2023-11-29 " + replaced(tenant.text, "\n", " ") + " end"));
}

TEST_CASE("the base64 may be folded at any width", "[cert]") {
  const Tenant tenant;
  std::string text = replaced(tenant.text, "\n", "");
  const std::size_t width = GENERATE(1u, 3u, 76u);
  // Only inside the blocks: the BEGIN and END marks stay whole.
  std::string folded;
  bool inside = false;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 5, "-----") == 0) {
      const auto end = text.find("-----", i + 5) + 5;
      inside = text.compare(i, 10, "-----BEGIN") == 0;
      folded.append(text, i, end - i);
      i = end - 1;
      column = 0;
      continue;
    }
    folded += text[i];
    if (inside && ++column % width == 0) folded += "\n ";
  }
  tenant.check(loaded(folded));
}

TEST_CASE("key, leaf and chain are sorted out from any order", "[cert]") {
  const Tenant tenant;
  std::vector<std::string> parts = {key_pem(tenant.leaf), pem(tenant.leaf),
                                    pem(tenant.ca.intermediates[0]),
                                    pem(tenant.ca.intermediates[1]), pem(tenant.ca.root)};
  std::sort(parts.begin(), parts.end());
  std::size_t orders = 0;
  do {
    std::string text;
    for (const auto& part : parts) text += part;
    tenant.check(loaded(text));
    ++orders;
  } while (std::next_permutation(parts.begin(), parts.end()));
  CHECK(orders == 120);
}

TEST_CASE("what stands twice counts once", "[cert]") {
  const Tenant tenant;
  tenant.check(loaded(tenant.text + tenant.text));
}

TEST_CASE("EC parameters and a trusted certificate are understood", "[cert]") {
  const Tenant tenant;
  const std::string parameters =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  tenant.check(loaded(parameters + traditional_pem(tenant.leaf.key.get()) +
                      trusted_pem(tenant.leaf.x509.get()) + chain_pem(tenant.ca)));
}

TEST_CASE("each key type loads in each of its encodings", "[cert]") {
  const auto [kind, type] = GENERATE(table<Key, cert::KeyType>({
      {Key::rsa2048, cert::KeyType::rsa},
      {Key::rsa3072, cert::KeyType::rsa},
      {Key::rsa_pss, cert::KeyType::rsa_pss},
      {Key::p256, cert::KeyType::ecdsa},
      {Key::p384, cert::KeyType::ecdsa},
      {Key::p521, cert::KeyType::ecdsa},
      {Key::ed25519, cert::KeyType::ed25519},
      {Key::ed448, cert::KeyType::ed448},
  }));
  INFO(cert::to_string(type));
  const TestCa ca;
  Wanted wanted{"a.example", {"a.example"}, kind, 0};
  const Identity leaf = ca.leaf(wanted);
  EVP_PKEY* key = leaf.key.get();
  std::vector<std::pair<std::string, std::string>> texts = {
      {pkcs8_pem(key), ""}, {pkcs8_pem(key, "open sesame"), "open sesame"}};
  if (kind != Key::ed25519 && kind != Key::ed448 && kind != Key::rsa_pss) {
    texts.emplace_back(traditional_pem(key), "");
    texts.emplace_back(traditional_pem(key, "AES-256-CBC", "open sesame"), "open sesame");
    texts.emplace_back(traditional_pem(key, "AES-128-CBC", "open sesame"), "open sesame");
    texts.emplace_back(traditional_pem(key, "DES-EDE3-CBC", "open sesame"), "open sesame");
  }
  for (const auto& [text, passphrase] : texts) {
    for (const std::string by : {"\n", " ", "", "\r\n"}) {
      const auto got = loaded(replaced(text + pem(leaf) + chain_pem(ca), "\n", by), passphrase);
      REQUIRE(got.certificate->pairs.size() == 1);
      CHECK(got.certificate->pairs[0].key_type == type);
      CHECK(got.warnings.empty());
      // What is kept can be written out and read again.
      for (const std::string& out :
           {cert::to_pem(*got.certificate), cert::to_pem_as_held(*got.certificate)}) {
        const auto again = loaded(out);
        CHECK(again.certificate->identity == got.certificate->identity);
        CHECK(again.certificate->pairs[0].key_type == type);
      }
    }
  }
}

TEST_CASE("the kept key is the type-specific DER", "[cert]") {
  const auto kind =
      GENERATE(Key::rsa2048, Key::rsa_pss, Key::p256, Key::p384, Key::ed25519, Key::ed448);
  Wanted wanted{"a.example", {"a.example"}, kind, 0};
  const Identity leaf = mint(wanted);
  const auto got = loaded(key_pem(leaf) + pem(leaf));
  unsigned char* out = nullptr;
  const int length = i2d_PrivateKey(leaf.key.get(), &out);
  REQUIRE(length > 0);
  CHECK(got.certificate->pairs[0].key.bytes() == cert::Bytes(out, out + length));
  OPENSSL_free(out);
}

TEST_CASE("pairs of several key types stand together, in order of preference", "[cert]") {
  const TestCa ca;
  const TestCa other("Other", 1, Key::rsa2048);
  const Identity rsa = ca.leaf("both.example", Key::rsa2048);
  const Identity ecdsa = other.leaf("both.example", Key::p256);
  const Identity ed = ca.leaf("both.example", Key::ed25519);
  const auto got = loaded(pem(rsa) + key_pem(ed) + key_pem(rsa) + chain_pem(other) + pem(ed) +
                          key_pem(ecdsa) + chain_pem(ca) + pem(ecdsa));
  REQUIRE(got.certificate->pairs.size() == 3);
  CHECK(got.warnings.empty());
  CHECK(got.certificate->pairs[0].key_type == cert::KeyType::ecdsa);
  CHECK(got.certificate->pairs[1].key_type == cert::KeyType::ed25519);
  CHECK(got.certificate->pairs[2].key_type == cert::KeyType::rsa);
  for (const auto& pair : got.certificate->pairs) CHECK(pair.chain.size() == 1);
  CHECK(*got.certificate->pairs[1].chain[0] == *got.certificate->pairs[2].chain[0]);
}

TEST_CASE("the identity changes with any certificate and with nothing else", "[cert]") {
  const Tenant tenant;
  const auto whole = loaded(tenant.text).certificate->identity;
  CHECK(loaded("words\n" + replaced(tenant.text, "\n", " ")).certificate->identity == whole);
  CHECK(loaded(key_pem(tenant.leaf) + pem(tenant.leaf)).certificate->identity != whole);
  CHECK(loaded(pem(tenant.leaf) + key_pem(tenant.leaf) + pem(tenant.ca.intermediates[1]))
            .certificate->identity != whole);
}

TEST_CASE("a plain self-signed CA certificate without names loads, with warnings", "[cert]") {
  Wanted wanted{"pbx.example"};
  wanted.ca = true;
  const Identity plain = mint(wanted);
  const auto got = loaded(key_pem(plain) + pem(plain));
  REQUIRE(got.certificate->pairs.size() == 1);
  CHECK(got.certificate->pairs[0].chain.empty());
  CHECK(got.certificate->pairs[0].names == std::vector<std::string>{"pbx.example"});
  REQUIRE(got.warnings.size() == 2);
  CHECK(got.warnings[0].find("subject alternative name") != std::string::npos);
  CHECK(got.warnings[1].find("CA certificate") != std::string::npos);
}

TEST_CASE("a pool keeps each intermediate once", "[cert]") {
  const TestCa ca;
  cert::ChainPool pool;
  auto options = at_test_now();
  options.chains = &pool;
  std::set<const cert::Bytes*> kept;
  std::vector<cert::CertificatePtr> all;
  for (int i = 0; i < 5; ++i) {
    const Identity leaf = ca.leaf("t" + std::to_string(i) + ".example");
    const auto got = cert::load_pem(key_pem(leaf) + pem(leaf) + chain_pem(ca), options);
    REQUIRE(got.has_value());
    all.push_back(got->certificate);
    kept.insert(got->certificate->pairs[0].chain[0].get());
  }
  CHECK(kept.size() == 1);
}

TEST_CASE("a pool forgets what nobody uses and stays bounded", "[cert]") {
  cert::ChainPool pool;
  for (unsigned i = 0; i < 5000; ++i) {
    const auto byte = [i](unsigned shift) { return static_cast<unsigned char>(i >> shift); };
    const auto kept = pool.keep({byte(0), byte(8)});
    CHECK(kept->size() == 2);
  }
  const auto one = pool.keep({1, 2, 3});
  CHECK(pool.keep({1, 2, 3}) == one);
}
