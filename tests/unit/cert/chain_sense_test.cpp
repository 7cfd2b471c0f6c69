#include "cert/known_issuers.hpp"
#include "cert/load.hpp"
#include "support/test_ca.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>

using namespace arbortls;
using namespace arbortls::test;
using Catch::Matchers::Contains;

namespace {

struct Told {
  std::vector<std::string> chain;  // subjects
  std::string warnings;
  cert::Loaded loaded;
};

Told told(const std::string& text, cert::ChainPool* pool = nullptr, bool complete = false,
          const std::string& owner = "here") {
  cert::LoadOptions options;
  options.now = test_now;
  options.chains = pool;
  options.owner = owner;
  options.complete_chains = complete;
  auto result = cert::load_pem(text, options);
  if (!result) FAIL(result.error().message);
  Told got{{}, {}, std::move(*result)};
  for (const auto& member : cert::chain_members(got.loaded.certificate->pairs[0]))
    got.chain.push_back(member.subject);
  for (const auto& warning : got.loaded.warnings) got.warnings += warning + "\n";
  return got;
}

using Names = std::vector<std::string>;

Wanted authority(const std::string& name) {
  Wanted wanted;
  wanted.common_name = name;
  wanted.ca = true;
  wanted.not_before = test_now - 1000 * day;
  wanted.not_after = test_now + 1000 * day;
  return wanted;
}

// `identity`'s name and key, certified by another.
Identity cross_signed(const Identity& identity, const std::string& name, const Identity& by,
                      std::int64_t not_after) {
  Wanted wanted = authority(name);
  wanted.not_after = not_after;
  Identity made = mint(wanted, &by);
  X509_set_pubkey(made.x509.get(), identity.key.get());
  require(X509_sign(made.x509.get(), by.key.get(), EVP_sha256()) > 0, "signing");
  made.key = openssl::share(identity.key.get());
  return made;
}

// A file of roots that this process trusts, while it lives.
class Trusting {
 public:
  explicit Trusting(const std::string& roots) {
    std::ofstream(file_) << roots;
    ::setenv("SSL_CERT_FILE", file_.c_str(), 1);
  }
  ~Trusting() {
    ::unsetenv("SSL_CERT_FILE");
    std::remove(file_.c_str());
  }

 private:
  std::string file_ = "trusted-" + std::to_string(::getpid()) + ".pem";
};

}  // namespace

TEST_CASE("an intermediate that is missing is found among those of others and told", "[cert]") {
  const TestCa ca("Known", 2);
  const Identity a = ca.leaf("a.example");
  const Identity b = ca.leaf("b.example");
  cert::ChainPool pool;
  const auto whole = told(key_pem(a) + pem(a) + chain_pem(ca), &pool, false, "a.example");
  CHECK(whole.warnings == "");
  for (const std::string& part : {std::string(), pem(ca.intermediates[1])}) {
    const auto got = told(key_pem(b) + pem(b) + part, &pool);
    CHECK(got.chain.size() == (part.empty() ? 0 : 1));
    CHECK_THAT(got.warnings, Contains("the chain lacks \"CN=Known Intermediate 1\", which is known "
                                      "from a.example; add it to the text, or set complete_chains"));
    CHECK((got.warnings.find("Intermediate 2") != std::string::npos) == part.empty());
    const auto completed = told(key_pem(b) + pem(b) + part, &pool, true);
    CHECK(completed.chain == Names{"CN=Known Intermediate 2", "CN=Known Intermediate 1"});
    CHECK_THAT(completed.warnings, Contains("it is served with it"));
    CHECK(completed.loaded.certificate->identity != got.loaded.certificate->identity);
  }
}

TEST_CASE("an issuer of the right name but another key, or an expired one, is none", "[cert]") {
  const TestCa ca("Same");
  const TestCa impostor("Same");
  const Identity a = impostor.leaf("a.example");
  const Identity b = ca.leaf("b.example");
  cert::ChainPool pool;
  const auto other = told(key_pem(a) + pem(a) + chain_pem(impostor), &pool);
  const auto got = told(key_pem(b) + pem(b), &pool, true);
  CHECK(got.chain.empty());
  CHECK_THAT(got.warnings, Contains("the chain is missing") && !Contains("lacks"));
  Wanted old = authority("Same Intermediate 1");
  old.not_after = test_now - day;
  const Identity expired = cross_signed(ca.intermediates[0], "Same Intermediate 1", ca.root,
                                        test_now - day);
  const Identity c = ca.leaf("c.example");
  const auto kept = told(key_pem(c) + pem(c) + pem(expired), &pool);
  CHECK_THAT(told(key_pem(b) + pem(b), &pool, true).warnings, Contains("the chain is missing"));
}

TEST_CASE("what was missing is told when it comes", "[cert]") {
  const TestCa ca("Late");
  const Identity a = ca.leaf("a.example");
  const Identity b = ca.leaf("b.example");
  cert::ChainPool pool;
  const auto first = told(key_pem(b) + pem(b), &pool, true);
  CHECK(first.loaded.missing_issuer == cert::subject_hash(ca.intermediates[0].x509.get()));
  CHECK(pool.issuers().take_found().empty());
  const auto whole = told(key_pem(a) + pem(a) + chain_pem(ca), &pool);
  CHECK(pool.issuers().take_found() ==
        std::vector<cert::NameHash>{first.loaded.missing_issuer});
  CHECK(pool.issuers().take_found().empty());
  CHECK(told(key_pem(b) + pem(b), &pool, true).chain == Names{"CN=Late Intermediate 1"});
}

TEST_CASE("of two ways up the one that is valid throughout is taken", "[cert]") {
  const Identity old_root = mint(authority("Old Root"));
  const Identity new_root = mint(authority("New Root"));
  const Identity middle = mint(authority("Middle"), &new_root);
  const Identity leaf = mint({"a.example", {"a.example"}}, &middle);
  const Identity valid_cross = cross_signed(new_root, "New Root", old_root, test_now + 2000 * day);
  const Identity ended_cross = cross_signed(new_root, "New Root", old_root, test_now - day);
  Wanted ended = authority("Ended Root");
  ended.not_after = test_now - day;
  const Identity ended_root = mint(ended);
  const Identity below_ended = cross_signed(new_root, "New Root", ended_root, test_now + 2000 * day);
  const std::string text = key_pem(leaf) + pem(leaf) + pem(middle);

  const auto through = told(text + pem(valid_cross) + pem(new_root));
  CHECK(through.chain == Names{"CN=Middle", "CN=New Root"});
  const auto around = told(text + pem(ended_cross) + pem(new_root));
  CHECK(around.chain == Names{"CN=Middle"});
  CHECK_THAT(around.warnings, Contains("\"CN=New Root\" by \"CN=Old Root\" expired on") &&
                                  Contains("left out of the chain"));
  const auto deeper = told(text + pem(below_ended) + pem(ended_root) + pem(new_root));
  CHECK(deeper.chain == Names{"CN=Middle"});
  const auto only = told(text + pem(ended_cross));
  CHECK(only.chain == Names{"CN=Middle", "CN=New Root"});
  CHECK_THAT(only.warnings, Contains("\"CN=New Root\" expired on") &&
                                Contains("its issuer is \"CN=Old Root\""));
}

TEST_CASE("a chain that ends below a root of this machine lacks nothing", "[cert]") {
  const Identity old_root = mint(authority("Old Root"));
  const Identity new_root = mint(authority("New Root"));
  const Identity middle = mint(authority("Middle"), &new_root);
  const Identity a = mint({"a.example", {"a.example"}}, &middle);
  const Identity b = mint({"b.example", {"b.example"}}, &middle);
  const Identity cross = cross_signed(new_root, "New Root", old_root, test_now + day);
  const Identity ended_cross = cross_signed(new_root, "New Root", old_root, test_now - day);
  const std::string short_chain = key_pem(b) + pem(b) + pem(middle);
  cert::ChainPool without;
  const auto kept = told(key_pem(a) + pem(a) + pem(middle) + pem(cross), &without);
  CHECK_THAT(told(short_chain, &without).warnings, Contains("lacks \"CN=New Root\""));

  const Trusting trusting(pem(new_root));
  cert::ChainPool pool;
  const auto again = told(key_pem(a) + pem(a) + pem(middle) + pem(cross), &pool);
  CHECK(again.chain == Names{"CN=Middle", "CN=New Root"});
  CHECK(told(short_chain, &pool).warnings == "");
  CHECK(told(short_chain, &pool).loaded.missing_issuer == 0);
  const auto around = told(short_chain + pem(ended_cross), &pool);
  CHECK(around.chain == Names{"CN=Middle"});
  CHECK_THAT(around.warnings, Contains("is left out, since there is another way"));
}

TEST_CASE("an intermediate that was renewed elsewhere replaces an expired one only where asked",
          "[cert]") {
  const TestCa ca("Renewed");
  const Identity& fresh = ca.intermediates[0];
  const Identity ended =
      cross_signed(fresh, "Renewed Intermediate 1", ca.root, test_now - day);
  const Identity a = ca.leaf("a.example");
  const Identity b = ca.leaf("b.example");
  cert::ChainPool pool;
  const auto whole = told(key_pem(a) + pem(a) + pem(fresh), &pool, false, "a.example");
  const std::string text = key_pem(b) + pem(b) + pem(ended);
  const auto got = told(text, &pool);
  CHECK(got.loaded.certificate->chain_not_after() == test_now - day);
  CHECK_THAT(got.warnings, Contains("expired on") && Contains("known from a.example"));
  const auto completed = told(text, &pool, true);
  CHECK(completed.chain.size() == 1);
  CHECK(completed.loaded.certificate->chain_not_after() == test_now + 3000 * day);
}

TEST_CASE("many certificates that issued each other cost little", "[cert]") {
  const Identity root = mint(authority("Web"));
  std::string text;
  Identity other = mint(authority("Other"));
  for (int i = 0; i < 30; ++i) {
    text += pem(cross_signed(root, "Web", other, test_now - i * day));
    text += pem(cross_signed(other, "Other", root, test_now - i * day));
  }
  const Identity leaf = mint({"a.example", {"a.example"}}, &root);
  const auto got = told(key_pem(leaf) + pem(leaf) + text);
  CHECK(got.chain.size() <= 10);
  CHECK_FALSE(got.chain.empty());
}
