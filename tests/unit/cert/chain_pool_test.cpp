#include "cert/load.hpp"
#include "support/test_ca.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace arbortls;
using namespace arbortls::test;

namespace {

cert::LoadOptions with(cert::ChainPool* pool) {
  cert::LoadOptions options;
  options.now = test_now;
  options.chains = pool;
  return options;
}

std::string told(const std::string& text, cert::ChainPool* pool) {
  const auto loaded = cert::load_pem(text, with(pool));
  if (!loaded) return "refused: " + loaded.error().message;
  std::string all = cert::to_hex(loaded->certificate->identity) + "\n";
  for (const auto& warning : loaded->warnings) all += warning + "\n";
  return all + cert::to_pem(*loaded->certificate);
}

// A leaf whose public point is compressed, as few write it.
Identity compressed_leaf(const TestCa& ca) {
  Identity leaf = ca.leaf("compressed.example");
  REQUIRE(EVP_PKEY_set_utf8_string_param(leaf.key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                         OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_COMPRESSED) == 1);
  REQUIRE(X509_set_pubkey(leaf.x509.get(), leaf.key.get()) == 1);
  REQUIRE(X509_sign(leaf.x509.get(), ca.issuer().key.get(), EVP_sha256()) > 0);
  REQUIRE(EVP_PKEY_set_utf8_string_param(leaf.key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                         OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 1);
  return leaf;
}

}  // namespace

TEST_CASE("a text loads alike alone, with a new pool and with one that has seen it all", "[cert]") {
  const auto kind = GENERATE(Key::p256, Key::p384, Key::p521, Key::rsa2048, Key::rsa_pss,
                             Key::ed25519, Key::ed448);
  const TestCa ca("Shared", 2, Key::p256);
  Wanted wanted{"a.example", {"a.example"}, kind, 0};
  const Identity leaf = ca.leaf(wanted);
  const Identity alone = mint(wanted);
  const Identity stranger = mint({"a.example", {"a.example"}});
  for (const std::string& text :
       {key_pem(leaf) + pem(leaf) + chain_pem(ca),
        pem(ca.root) + chain_pem(ca) + pem(leaf) + key_pem(leaf), key_pem(leaf) + pem(leaf),
        key_pem(alone) + pem(alone), key_pem(leaf) + chain_pem(ca),
        key_pem(stranger) + pem(leaf) + chain_pem(ca)}) {
    cert::ChainPool pool;
    const auto expected = told(text, nullptr);
    for (int i = 0; i < 3; ++i) CHECK(told(text, &pool) == expected);
  }
}

TEST_CASE("a leaf is its key's however its public point is written", "[cert]") {
  const TestCa ca;
  const Identity leaf = compressed_leaf(ca);
  cert::ChainPool pool;
  for (int i = 0; i < 2; ++i) {
    const auto loaded = cert::load_pem(key_pem(leaf) + pem(leaf) + chain_pem(ca), with(&pool));
    REQUIRE(loaded.has_value());
    CHECK(loaded->certificate->pairs[0].chain.size() == 1);
  }
}

TEST_CASE("an issuer known from another text is no issuer of what it did not sign", "[cert]") {
  const TestCa ca("Named", 1);
  const TestCa impostor("Named", 1);
  cert::ChainPool pool;
  const Identity honest = ca.leaf("a.example");
  REQUIRE(cert::load_pem(key_pem(honest) + pem(honest) + chain_pem(ca), with(&pool)).has_value());
  const Identity forged = impostor.leaf("b.example");
  const auto loaded = cert::load_pem(key_pem(forged) + pem(forged) + chain_pem(ca), with(&pool));
  REQUIRE(loaded.has_value());
  CHECK(loaded->certificate->pairs[0].chain.empty());
  CHECK(loaded->warnings.size() == 2);
}

TEST_CASE("an intermediate is judged in every text that bears it", "[cert]") {
  TestCa ca("Weak", 1);
  Wanted weak;
  weak.common_name = "Weak Intermediate";
  weak.ca = true;
  weak.digest = "SHA1";
  ca.intermediates.clear();
  ca.intermediates.push_back(mint(weak, &ca.root));
  const Identity leaf = ca.leaf("a.example");
  cert::ChainPool pool;
  for (int i = 0; i < 3; ++i) {
    CHECK_THAT(told(key_pem(leaf) + pem(leaf) + chain_pem(ca), &pool), Catch::Contains("SHA1"));
  }
}

TEST_CASE("a damaged key leaves the next one alone", "[cert]") {
  const Identity one = mint({"a.example", {"a.example"}});
  const std::string good = key_pem(one) + pem(one);
  const std::string der = key_der(one.key.get());
  cert::ChainPool pool;
  const auto expected = told(good, &pool);
  for (std::size_t at = 0; at < der.size(); at += 3) {
    std::string bad = der;
    bad[at] = static_cast<char>(bad[at] ^ 0x15);
    const std::string block = test::detail::written([&](BIO* out) {
      return PEM_write_bio(out, "PRIVATE KEY", "",
                           reinterpret_cast<const unsigned char*>(bad.data()),
                           static_cast<long>(bad.size())) > 0;
    });
    INFO(at);
    CHECK(told(block + pem(one), &pool) == told(block + pem(one), nullptr));
    CHECK(told(good, &pool) == expected);
  }
}

TEST_CASE("more authorities than a pool remembers load all the same", "[cert]") {
  cert::ChainPool pool;
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) {
    const TestCa ca("Authority " + std::to_string(i));
    const Identity leaf = ca.leaf("a.example");
    texts.push_back(key_pem(leaf) + pem(leaf) + chain_pem(ca));
  }
  for (int round = 0; round < 2; ++round) {
    for (const auto& text : texts) {
      const auto loaded = cert::load_pem(text, with(&pool));
      REQUIRE(loaded.has_value());
      CHECK(loaded->certificate->pairs[0].chain.size() == 1);
      CHECK(loaded->warnings.empty());
    }
  }
}

TEST_CASE("several threads share a pool", "[cert]") {
  const TestCa ca;
  const Identity leaf = ca.leaf("a.example");
  const std::string text = key_pem(leaf) + pem(leaf) + chain_pem(ca);
  cert::ChainPool pool;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        const auto loaded = cert::load_pem(text, with(&pool));
        if (loaded && loaded->certificate->pairs[0].chain.size() == 1) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 100);
}
