#include "authority/root_certificate.hpp"

#include "cert/digest.hpp"
#include "unit/authority/support.hpp"

using namespace arbortls;
using namespace arbortls::authority;
using namespace arbortls::test;
using Catch::Matchers::Contains;

TEST_CASE("a root reads the same from PEM and DER", "[authority]") {
  const Authority made = must(Authority::make(root_wish({"pbx.example", "lan"}), test_now));
  const auto& der = made.root().der;
  for (const auto& bytes : {made.root().pem(), std::string(der.begin(), der.end())}) {
    const auto root = must(read_root(bytes));
    CHECK((root.der == der));
    CHECK(root.sha256 == cert::sha256(der));
    CHECK(root.permitted.names == std::vector<std::string>{"lan", "pbx.example"});
    CHECK(root.not_after == made.root().not_after);
    CHECK(fingerprint_text(root.sha256).size() == 95);
    CHECK(fingerprint_text(root.sha1).size() == 59);
  }
}

TEST_CASE("a fingerprint is shown as clients show it", "[authority]") {
  CHECK(fingerprint_text(std::array<unsigned char, 3>{0x00, 0xab, 0x1f}) == "00:AB:1F");
}

TEST_CASE("what is no root of ours is told", "[authority]") {
  const TestCa foreign;
  const Authority made = must(Authority::make(root_wish(), test_now));
  const std::string leaf = must(made.issue(leaf_wish({"pbx.example"}), test_now)).certificate_pem;
  std::string torn = made.root().pem();
  torn.resize(torn.size() / 2);
  const std::pair<std::string, std::string> refused[] = {
      {"", ""},
      {"no certificate", ""},
      {torn, ""},
      {leaf, "not signed by its own key"},
      {pem(foreign.root), "no name constraints"},
      {made.root().pem() + leaf, "exactly one certificate"},
      {made.key_pem({}), "exactly one certificate"},
  };
  for (const auto& [bytes, reason] : refused)
    CHECK_THAT(error_of(read_root(bytes)), Contains(reason));
}
