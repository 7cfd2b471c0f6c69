#include "acme/certificate_request.hpp"

#include "openssl/handles.hpp"
#include "support/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::acme;
namespace openssl = arbortls::openssl;

namespace {

using RequestPtr = openssl::Handle<X509_REQ, X509_REQ_free>;

RequestPtr read(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return RequestPtr(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
}

std::string names_in(X509_REQ* request) {
  STACK_OF(X509_EXTENSION)* extensions = X509_REQ_get_extensions(request);
  const openssl::GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr)));
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  std::string text;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    const ASN1_STRING* value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
    text += name->type == GEN_DNS ? "dns " : "ip ";
    text.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                static_cast<std::size_t>(ASN1_STRING_length(value)));
    text += ";";
  }
  return text;
}

}  // namespace

TEST_CASE("a certificate request bears the names and is signed by its key", "[acme]") {
  using arbortls::test::Key;
  const auto kind = GENERATE(Key::p256, Key::p384, Key::rsa2048, Key::ed25519);
  const auto key = arbortls::test::kept_key(kind);
  const auto der = make_certificate_request(arbortls::test::pkcs8_pem(key.get()),
                                            {"a.example", "*.b.example", "65.66.67.68"});
  REQUIRE(der.has_value());
  const auto request = read(*der);
  REQUIRE(request);
  CHECK(X509_REQ_verify(request.get(), key.get()) == 1);
  CHECK(names_in(request.get()) == "dns a.example;dns *.b.example;ip ABCD;");
  CHECK(X509_NAME_entry_count(X509_REQ_get_subject_name(request.get())) == 0);
}

TEST_CASE("keys are made of the wanted type", "[acme]") {
  const auto [type, id, bits] = GENERATE(table<CertificateKey, int, int>({
      {CertificateKey::ecdsa_p256, EVP_PKEY_EC, 256},
      {CertificateKey::rsa_2048, EVP_PKEY_RSA, 2048},
  }));
  const auto pem = make_certificate_key(type).value();
  const openssl::BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const openssl::EvpPkeyPtr key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  REQUIRE(key);
  CHECK(EVP_PKEY_get_base_id(key.get()) == id);
  CHECK(EVP_PKEY_get_bits(key.get()) == bits);
}

TEST_CASE("a request without a key, or for what is no name, is an error", "[acme]") {
  const auto pem = make_certificate_key(CertificateKey::ecdsa_p256).value();
  CHECK_FALSE(make_certificate_request("no key", {"a.example"}).has_value());
  CHECK_FALSE(make_certificate_request(pem, {}).has_value());
  CHECK_FALSE(make_certificate_request(pem, {"a.example,DNS:b.example"}).has_value());
}
