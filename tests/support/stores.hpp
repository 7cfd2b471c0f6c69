#pragma once
// Writes keys and certificates as PKCS#12, PKCS#7 and UTF-16 of every make, for tests.

#include "support/test_ca.hpp"

#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include <string>
#include <vector>

namespace arbortls::test {

inline constexpr int triple_des = NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
inline constexpr int rc2_40 = NID_pbe_WithSHA1And40BitRC2_CBC;

// A library that knows the old ciphers.
inline OSSL_LIB_CTX* library_with_legacy() {
  static OSSL_LIB_CTX* const library = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    require(made != nullptr && OSSL_PROVIDER_load(made, "default") != nullptr &&
                OSSL_PROVIDER_load(made, "legacy") != nullptr,
            "loading the legacy provider");
    return made;
  }();
  return library;
}

// How a PKCS#12 is made. An encryption of -1 is none, of 0 the usual one.
struct Store {
  int key_pbe = 0;
  int certificate_pbe = 0;
  bool mac = true;
  bool null_passphrase = false;
  bool reversed = false;  // the chain
  bool root = false;
  int rounds = 0;
  std::string passphrase{};

  std::string of(const std::vector<const Identity*>& leaves, const TestCa& ca) const {
    const char* secret = null_passphrase ? nullptr : passphrase.c_str();
    STACK_OF(PKCS12_SAFEBAG)* certificates = nullptr;
    STACK_OF(PKCS12_SAFEBAG)* keys = nullptr;
    for (const X509* member : chain(ca)) add(certificates, const_cast<X509*>(member));
    for (const Identity* leaf : leaves) {
      add(certificates, leaf->x509.get());
      require(PKCS12_add_key_ex(&keys, leaf->key.get(), 0, rounds, encryption(key_pbe), secret,
                                library_with_legacy(), nullptr) != nullptr,
              "adding a key");
    }
    STACK_OF(PKCS7)* safes = nullptr;
    require(PKCS12_add_safe_ex(&safes, certificates, encryption(certificate_pbe), rounds, secret,
                               library_with_legacy(), nullptr) == 1 &&
                PKCS12_add_safe_ex(&safes, keys, -1, 0, nullptr, library_with_legacy(), nullptr) == 1,
            "adding a safe");
    sk_PKCS12_SAFEBAG_pop_free(certificates, PKCS12_SAFEBAG_free);
    sk_PKCS12_SAFEBAG_pop_free(keys, PKCS12_SAFEBAG_free);
    const openssl::Pkcs12Ptr made(PKCS12_add_safes_ex(safes, 0, library_with_legacy(), nullptr));
    sk_PKCS7_pop_free(safes, PKCS7_free);
    require(made != nullptr, "making PKCS#12");
    if (mac) {
      require(PKCS12_set_mac(made.get(), secret, -1, nullptr, 0, rounds, EVP_sha256()) == 1,
              "adding a MAC");
    }
    return detail::written([&](BIO* out) { return i2d_PKCS12_bio(out, made.get()) == 1; });
  }

 private:
  static int encryption(int wanted) { return wanted == 0 ? NID_aes_256_cbc : wanted; }

  static void add(STACK_OF(PKCS12_SAFEBAG) * &bags, X509* x509) {
    require(PKCS12_add_cert(&bags, x509) != nullptr, "adding a certificate");
  }

  std::vector<const X509*> chain(const TestCa& ca) const {
    std::vector<const X509*> all;
    if (root) all.push_back(ca.root.x509.get());
    for (const auto& member : ca.intermediates) {
      all.insert(reversed ? all.begin() : all.end(), member.x509.get());
    }
    return all;
  }
};

// The same file, saying that its MAC takes so many rounds.
inline std::string cheaply_claiming_rounds(const std::string& bytes, long rounds) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const openssl::Pkcs12Ptr parsed(d2i_PKCS12(nullptr, &at, static_cast<long>(bytes.size())));
  const ASN1_INTEGER* said = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &said, parsed.get());
  require(said != nullptr && ASN1_INTEGER_set(const_cast<ASN1_INTEGER*>(said), rounds) == 1,
          "claiming rounds");
  return detail::written([&](BIO* out) { return i2d_PKCS12_bio(out, parsed.get()) == 1; });
}

namespace detail {

inline openssl::Handle<PKCS7, PKCS7_free> pkcs7(const std::vector<const Identity*>& all) {
  openssl::Handle<PKCS7, PKCS7_free> made(PKCS7_new());
  require(PKCS7_set_type(made.get(), NID_pkcs7_signed) == 1 &&
              PKCS7_content_new(made.get(), NID_pkcs7_data) == 1,
          "making PKCS#7");
  for (const Identity* one : all) PKCS7_add_certificate(made.get(), one->x509.get());
  return made;
}

}  // namespace detail

inline std::string pkcs7_pem(const std::vector<const Identity*>& all) {
  const auto made = detail::pkcs7(all);
  return detail::written([&](BIO* out) { return PEM_write_bio_PKCS7(out, made.get()) == 1; });
}

inline std::string pkcs7_der(const std::vector<const Identity*>& all) {
  const auto made = detail::pkcs7(all);
  return detail::written([&](BIO* out) { return i2d_PKCS7_bio(out, made.get()) == 1; });
}

inline std::string utf16(const std::string& text, bool big, bool mark) {
  std::string bytes;
  if (mark) bytes += big ? "\xfe\xff" : "\xff\xfe";
  for (const char c : text) {
    if (big) bytes += '\0';
    bytes += c;
    if (!big) bytes += '\0';
  }
  return bytes;
}

}  // namespace arbortls::test
