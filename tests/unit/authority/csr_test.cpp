#include "authority/csr.hpp"

#include "unit/authority/support.hpp"

using namespace arbortls;
using namespace arbortls::authority;
using namespace arbortls::test;
using Catch::Matchers::Contains;

namespace {

struct CsrWish {
  std::string common_name = "alice";
  std::string san{};
  Key key = Key::p256;
  bool broken = false;
};

std::string csr(const CsrWish& wish) {
  const openssl::Handle<X509_REQ, X509_REQ_free> made(X509_REQ_new());
  const auto key = kept_key(wish.key);
  X509_REQ_set_pubkey(made.get(), key.get());
  X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(made.get()), NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.common_name.data()),
                             static_cast<int>(wish.common_name.size()), -1, 0);
  if (!wish.san.empty()) {
    STACK_OF(X509_EXTENSION)* extensions = sk_X509_EXTENSION_new_null();
    sk_X509_EXTENSION_push(
        extensions, X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, wish.san.c_str()));
    X509_REQ_add_extensions(made.get(), extensions);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  }
  X509_REQ_sign(made.get(), key.get(), EVP_sha256());
  if (wish.broken) X509_REQ_set_pubkey(made.get(), kept_key(Key::p256, 1).get());
  return detail::written([&](BIO* out) { return PEM_write_bio_X509_REQ(out, made.get()) == 1; });
}

std::string der_of(const std::string& pem_text) {
  const openssl::BioPtr in(BIO_new_mem_buf(pem_text.data(), -1));
  const openssl::Handle<X509_REQ, X509_REQ_free> read(
      PEM_read_bio_X509_REQ(in.get(), nullptr, nullptr, nullptr));
  return detail::written([&](BIO* out) { return i2d_X509_REQ_bio(out, read.get()) == 1; });
}

Result<Leaf> signed_by_root(const std::string& request, Purpose purpose) {
  static const Authority root = must(Authority::make(root_wish(), test_now));
  return root.sign_csr(request, purpose, 30 * authority::day, test_now);
}

}  // namespace

TEST_CASE("a request for a server gets its names certified, from PEM and DER", "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  const std::string text = csr({"whatever", "DNS:a.pbx.example,IP:10.0.0.9"});
  const auto trusted = x509_of(root.root().pem());
  for (const auto& request : {text, der_of(text)}) {
    CAPTURE(request.size());
    const auto leaf = must(root.sign_csr(request, Purpose::server, authority::day, test_now));
    CHECK(leaf.key_pem.empty());
    const auto x509 = x509_of(leaf.certificate_pem);
    CHECK(judged(x509.get(), trusted.get(), "a.pbx.example") == X509_V_OK);
    CHECK(judged(x509.get(), trusted.get(), "10.0.0.9") == X509_V_OK);
    CHECK(EVP_PKEY_eq(X509_get0_pubkey(x509.get()), kept_key(Key::p256).get()) == 1);
  }
}

TEST_CASE("a server's common name stands in where the request has no other names", "[authority]") {
  const auto leaf = must(signed_by_root(csr({"b.pbx.example"}), Purpose::server));
  CHECK(X509_check_host(x509_of(leaf.certificate_pem).get(), "b.pbx.example", 0,
                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1);
}

TEST_CASE("a client is certified by its common name, for clients only", "[authority]") {
  const Authority root = must(Authority::make(root_wish(), test_now));
  const auto leaf = must(root.sign_csr(csr({"alice"}), Purpose::client, authority::day, test_now));
  const auto x509 = x509_of(leaf.certificate_pem);
  const auto trusted = x509_of(root.root().pem());
  CHECK(judged(x509.get(), trusted.get(), {}, test_now, X509_PURPOSE_SSL_CLIENT) == X509_V_OK);
  CHECK(judged(x509.get(), trusted.get(), {}) == X509_V_ERR_INVALID_PURPOSE);
}

TEST_CASE("requests that cannot be granted say why", "[authority]") {
  const auto [request, purpose, reason] = GENERATE(table<std::string, Purpose, std::string>({
      {"", Purpose::server, "damaged"},
      {"no request", Purpose::server, "damaged"},
      {"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", Purpose::server,
       "no certificate signing request"},
      {csr({"a.pbx.example"}).substr(0, 200), Purpose::server, ""},
      {csr({"a.pbx.example", {}, Key::p256, true}), Purpose::server, "not signed by its own key"},
      {csr({"a.pbx.example", {}, Key::rsa1024}), Purpose::server, "too weak"},
      {csr({"bank.example"}), Purpose::server, "may not sign for bank.example"},
      {csr({"alice", "DNS:bank.example"}), Purpose::client, "may not sign for bank.example"},
      {csr({"not a host"}), Purpose::server, "at least one name"},
      {csr({"a\nb"}), Purpose::client, "is no text"},
      {std::string(70'000, 'x'), Purpose::server, "too large"},
  }));
  CHECK_THAT(error_of(signed_by_root(request, purpose)), Contains(reason));
}
