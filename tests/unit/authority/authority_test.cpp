#include "authority/authority.hpp"

#include "cert/load.hpp"
#include "unit/authority/support.hpp"

using namespace arbortls;
using namespace arbortls::authority;
using namespace arbortls::test;
using Catch::Matchers::Contains;

namespace {

using Texts = std::vector<std::string>;

Leaf issued(const Authority& by, Texts names) {
  return must(by.issue(leaf_wish(std::move(names)), test_now));
}

std::string extension_text(X509* x509, int nid) {
  const int at = X509_get_ext_by_NID(x509, nid, -1);
  if (at < 0) return {};
  return detail::written(
      [&](BIO* out) { return X509V3_EXT_print(out, X509_get_ext(x509, at), 0, 0) == 1; });
}

// What a client says of a leaf for these names by the root's own key, past all our checks.
int judged_forged(const Authority& by, Texts names) {
  const Identity root = identity_of(by);
  Wanted wanted;
  wanted.common_name = "forged";
  wanted.names = std::move(names);
  const auto leaf = mint(wanted, &root);
  return judged(leaf.x509.get(), root.x509.get(), {}, test_now, X509_PURPOSE_SSL_SERVER, 0);
}

}  // namespace

TEST_CASE("a root signs certificates and lists of revoked ones, and nothing else", "[authority]") {
  const Authority made = must(Authority::make(root_wish(), test_now));
  const auto x509 = x509_of(made.root().pem());
  CHECK_THAT(extension_text(x509.get(), NID_basic_constraints), Contains("CA:TRUE, pathlen:0"));
  CHECK(extension_text(x509.get(), NID_key_usage) == "Certificate Sign, CRL Sign");
  CHECK_THAT(extension_text(x509.get(), NID_name_constraints), Contains("DNS:pbx.example"));
  for (const int nid : {NID_basic_constraints, NID_key_usage, NID_name_constraints}) {
    const int at = X509_get_ext_by_NID(x509.get(), nid, -1);
    CHECK(X509_EXTENSION_get_critical(X509_get_ext(x509.get(), at)) == 1);
  }
  CHECK(X509_get_ext_by_NID(x509.get(), NID_subject_key_identifier, -1) >= 0);
  CHECK(X509_get_ext_by_NID(x509.get(), NID_ext_key_usage, -1) < 0);
  CHECK(made.root().not_before == test_now - 3600);
  CHECK(made.root().not_after == test_now + 3650 * authority::day);
  CHECK_THAT(made.root().common_name, Catch::StartsWith("arbortls local root 2026-"));
}

TEST_CASE("no two roots share their subject", "[authority]") {
  const Authority a = must(Authority::make(root_wish(), test_now));
  const Authority b = must(Authority::make(root_wish(), test_now));
  CHECK(a.root().common_name != b.root().common_name);
  CHECK(a.root().serial != b.root().serial);
}

TEST_CASE("a root that cannot be meant is not made", "[authority]") {
  auto wish = root_wish();
  const auto refusal = [&] { return error_of(Authority::make(wish, test_now)); };
  SECTION("no lifetime") {
    wish.lifetime = 0;
    CHECK_THAT(refusal(), Contains("36500 days"));
  }
  SECTION("a lifetime beyond all clocks") {
    wish.lifetime = 36501 * authority::day;
    CHECK_THAT(refusal(), Contains("36500 days"));
  }
  SECTION("no name") {
    wish.common_name.clear();
    CHECK_THAT(refusal(), Contains("a root's name"));
  }
  SECTION("a name of more lines") {
    wish.common_name = "a\nb";
    CHECK_THAT(refusal(), Contains("a root's name"));
  }
  SECTION("a name too long") {
    wish.common_name = std::string(55, 'a');
    CHECK_THAT(refusal(), Contains("a root's name"));
  }
  SECTION("bytes that are no UTF-8") {
    wish.common_name = "\xff\xfe";
    CHECK_THAT(refusal(), Contains("cannot make a root"));
  }
  SECTION("nothing permitted") {
    wish.permitted = {};
    CHECK_THAT(refusal(), Contains("at least one name"));
  }
}

TEST_CASE("a leaf is good for each of its names and addresses, and for no other", "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  const auto leaf = issued(root, {"pbx.example", "*.pbx.example", "10.1.2.3", "fd00::7"});
  const auto x509 = x509_of(leaf.certificate_pem);
  const auto trusted = x509_of(root.root().pem());
  const auto [host, verdict] = GENERATE(table<std::string, int>({
      {"pbx.example", X509_V_OK},
      {"phone.pbx.example", X509_V_OK},
      {"10.1.2.3", X509_V_OK},
      {"fd00::7", X509_V_OK},
      {"a.phone.pbx.example", X509_V_ERR_HOSTNAME_MISMATCH},
      {"10.1.2.4", X509_V_ERR_IP_ADDRESS_MISMATCH},
  }));
  CAPTURE(host);
  CHECK(judged(x509.get(), trusted.get(), host) == verdict);
}

TEST_CASE("a leaf with addresses only is good for them", "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  const auto leaf = issued(root, {"192.168.7.1"});
  const auto x509 = x509_of(leaf.certificate_pem);
  CHECK(judged(x509.get(), x509_of(root.root().pem()).get(), "192.168.7.1") == X509_V_OK);
}

TEST_CASE("clients refuse what the root's key signs outside of its constraints", "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  CHECK(judged_forged(root, {"a.pbx.example", "10.0.0.1"}) == X509_V_OK);
  const auto names =
      GENERATE(as<Texts>(), Texts{"bank.example"}, Texts{"a.pbx.example", "bank.example"},
               Texts{"192.0.2.1"}, Texts{"2001:db8::1"});
  CHECK(judged_forged(root, names) == X509_V_ERR_PERMITTED_VIOLATION);
}

TEST_CASE("clients refuse any address of a family without a network", "[authority]") {
  auto wish = root_wish();
  const auto [networks, address, verdict] = GENERATE(table<Texts, std::string, int>({
      {Texts{}, "10.0.0.1", X509_V_ERR_EXCLUDED_VIOLATION},
      {Texts{}, "fd00::1", X509_V_ERR_EXCLUDED_VIOLATION},
      {Texts{"10.0.0.0/8"}, "11.0.0.1", X509_V_ERR_PERMITTED_VIOLATION},
      {Texts{"fd00::/8"}, "10.0.0.1", X509_V_ERR_PERMITTED_VIOLATION},
  }));
  wish.permitted.networks = networks;
  const Authority root = must(Authority::make(wish, test_now));
  CHECK(judged_forged(root, {address}) == verdict);
  CHECK_THAT(error_of(root.issue(leaf_wish({address}), test_now)),
             Contains("may not sign for " + address));
}

TEST_CASE("a CA below the root is refused: its path ends with leaves", "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  Wanted wanted;
  wanted.common_name = "below";
  wanted.ca = true;
  const Identity top = identity_of(root);
  const Identity middle = mint(wanted, &top);
  wanted.ca = false;
  wanted.common_name = "leaf";
  wanted.names = {"a.pbx.example"};
  const Identity leaf = mint(wanted, &middle);
  const openssl::Handle<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  const openssl::Handle<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  STACK_OF(X509)* chain = sk_X509_new_null();
  sk_X509_push(chain, middle.x509.get());
  X509_STORE_add_cert(store.get(), top.x509.get());
  X509_STORE_CTX_init(context.get(), store.get(), leaf.x509.get(), chain);
  X509_STORE_CTX_set_time(context.get(), 0, test_now);
  CHECK(X509_verify_cert(context.get()) != 1);
  CHECK(X509_STORE_CTX_get_error(context.get()) == X509_V_ERR_PATH_LENGTH_EXCEEDED);
  sk_X509_free(chain);
}

TEST_CASE("a leaf says what it is for, by whom, and no more", "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  auto wish = leaf_wish({"Phone.PBX.example", "phone.pbx.example", "FD00:0::1", "fd00::1"});
  wish.key = GENERATE(LeafKey::ecdsa_p256, LeafKey::rsa_2048);
  const auto leaf = must(root.issue(wish, test_now));
  const auto x509 = x509_of(leaf.certificate_pem);
  const bool rsa = wish.key == LeafKey::rsa_2048;
  CHECK(EVP_PKEY_get_base_id(X509_get0_pubkey(x509.get())) == (rsa ? EVP_PKEY_RSA : EVP_PKEY_EC));
  CHECK(extension_text(x509.get(), NID_subject_alt_name) ==
        "DNS:phone.pbx.example, IP Address:FD00:0:0:0:0:0:0:1");
  CHECK(extension_text(x509.get(), NID_ext_key_usage) == "TLS Web Server Authentication");
  CHECK(extension_text(x509.get(), NID_key_usage) ==
        (rsa ? "Digital Signature, Key Encipherment" : "Digital Signature"));
  CHECK(extension_text(x509.get(), NID_basic_constraints) == "CA:FALSE");
  const ASN1_OCTET_STRING* by = X509_get0_authority_key_id(x509.get());
  REQUIRE(by != nullptr);
  CHECK(ASN1_OCTET_STRING_cmp(by, X509_get0_subject_key_id(x509_of(root.root().pem()).get())) == 0);
  CHECK(EVP_PKEY_eq(X509_get0_pubkey(x509.get()), key_of(leaf.key_pem).get()) == 1);
}

TEST_CASE("a leaf lives from an hour ago for as long as asked, renewed at two thirds",
          "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  auto wish = leaf_wish({"pbx.example"});
  SECTION("30 days unless told") {
    // A root an hour older than the leaf holds nothing up.
    const auto leaf = must(root.issue(wish, test_now + 2 * 3600));
    CHECK(leaf.not_before == test_now + 3600);
    CHECK(leaf.not_after == test_now + 2 * 3600 + 30 * authority::day);
    CHECK(leaf.renew_at == leaf.not_before + (leaf.not_after - leaf.not_before) * 2 / 3);
  }
  SECTION("never beyond the root's end") {
    const std::int64_t late = root.root().not_after - authority::day;
    CHECK(must(root.issue(wish, late)).not_after == root.root().not_after);
  }
  SECTION("never before the root's beginning") {
    CHECK(must(root.issue(wish, test_now - 1800)).not_before == root.root().not_before);
  }
  SECTION("not by an expired root") {
    CHECK_THAT(error_of(root.issue(wish, root.root().not_after)),
               Contains("expired on 2036-05-29"));
  }
  SECTION("not by one of the future") {
    CHECK_THAT(error_of(root.issue(wish, test_now - 86'400)), Contains("is the clock right?"));
  }
  SECTION("not for longer than Apple's systems take, nor for nothing") {
    wish.lifetime = GENERATE(std::int64_t{0}, std::int64_t{-5}, max_lifetime + 1);
    CHECK_THAT(error_of(root.issue(wish, test_now)), Contains("from an hour to 825 days"));
  }
}

TEST_CASE("names that cannot be certified are refused by name", "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  const auto [names, reason] = GENERATE(table<Texts, std::string>({
      {Texts{}, "at least one name"},
      {Texts{"a.pbx.example", "a b"}, "'a b' is neither"},
      {Texts{""}, "'' is neither"},
      {Texts{"10.0.0.0/8"}, "'10.0.0.0/8' is neither"},
      {Texts{"a.pbx.example,DNS:bank.example"}, "is neither"},
      {Texts{"bank.example", "a.pbx.example", "192.0.2.1"},
       "may not sign for bank.example, 192.0.2.1,"},
      {Texts{"bank.example"}, "only at or below pbx.example, 10.0.0.0/8"},
      {Texts(101, "a.pbx.example"), "at most 100"},
  }));
  CHECK_THAT(error_of(root.issue(leaf_wish(names), test_now)), Contains(reason));
}

TEST_CASE("what is issued is a certificate text like any other, its marks above the key",
          "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  const auto leaf = issued(root, {"pbx.example"});
  const std::string text = certificate_text(leaf, "automatic=local-ca\nissuer=me\n");
  CHECK(text.starts_with("automatic=local-ca\nissuer=me\n-----BEGIN PRIVATE KEY-----"));
  cert::LoadOptions options;
  options.now = test_now;
  const auto loaded = must(cert::load_pem(text, options));
  REQUIRE(loaded.certificate->pairs.size() == 1);
  CHECK(loaded.certificate->pairs[0].chain.empty());
  CHECK(loaded.certificate->covers("pbx.example"));
  CHECK(certificate_text(leaf, {}).starts_with("-----BEGIN PRIVATE KEY-----"));
}

TEST_CASE("a root and its key come back from their texts, with no other's", "[authority]") {
  const Authority made = must(Authority::make(root_wish(), test_now));
  const Authority other = must(Authority::make(root_wish(), test_now));
  const Authority again = must(Authority::of(made.root().pem(), key_of(made.key_pem({}))));
  CHECK(again.root().sha256 == made.root().sha256);
  CHECK(issued(again, {"pbx.example"}).key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
  CHECK_THAT(error_of(Authority::of(made.root().pem(), key_of(other.key_pem({})))),
             Contains("not this certificate's"));
}
