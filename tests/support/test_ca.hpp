#pragma once
// Mints keys and certificates for tests: roots, intermediates and leaves of any shape, good or bad,
// and writes them in every encoding. Header-only, on OpenSSL. Failures abort the test by an
// exception.

#include "openssl/handles.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace arbortls::test {

enum class Key { p256, p384, p521, p192, rsa1024, rsa2048, rsa3072, rsa_pss, ed25519, ed448 };

inline constexpr std::int64_t day = 86400;
// A fixed present for all tests: 2026-06-01 00:00:00 UTC.
inline constexpr std::int64_t test_now = 1780272000;

inline void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string(what) + ": " + openssl::drain_errors());
}

inline openssl::EvpPkeyPtr make_key(Key kind) {
  const auto made = [](EVP_PKEY* key) {
    require(key != nullptr, "making a key");
    return openssl::EvpPkeyPtr(key);
  };
  switch (kind) {
    case Key::p256:
      return made(EVP_EC_gen("P-256"));
    case Key::p384:
      return made(EVP_EC_gen("P-384"));
    case Key::p521:
      return made(EVP_EC_gen("P-521"));
    case Key::p192:
      return made(EVP_EC_gen("P-192"));
    case Key::rsa1024:
      return made(EVP_RSA_gen(1024));
    case Key::rsa2048:
      return made(EVP_RSA_gen(2048));
    case Key::rsa3072:
      return made(EVP_RSA_gen(3072));
    case Key::rsa_pss: {
      const openssl::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr));
      EVP_PKEY* key = nullptr;
      require(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
                  EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048) == 1 &&
                  EVP_PKEY_generate(context.get(), &key) == 1,
              "making an RSA-PSS key");
      return made(key);
    }
    case Key::ed25519:
      return made(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case Key::ed448:
      return made(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"));
  }
  throw std::runtime_error("no such kind of key");
}

// The same key each time for the same arguments: RSA keys are slow to make.
inline openssl::EvpPkeyPtr kept_key(Key kind, int number = 0) {
  static std::map<std::pair<Key, int>, openssl::EvpPkeyPtr> kept;
  auto& key = kept[{kind, number}];
  if (!key) key = make_key(kind);
  return openssl::share(key.get());
}

// What a certificate is to say. `names` become SANs: an address where one looks like it, else a DNS
// name.
struct Wanted {
  std::string common_name{};
  std::vector<std::string> names{};
  Key key = Key::p256;
  int key_number = -1;  // 0 or more: kept_key(key, key_number), else a fresh one
  std::int64_t not_before = test_now - day;
  std::int64_t not_after = test_now + 90 * day;
  const char* digest = "SHA256";
  bool ca = false;
  std::string extended_key_usage{};         // such as "serverAuth"; "" for none
  std::string key_usage{};                  // such as "critical,digitalSignature"; "" for none
  std::vector<std::string> raw_dns_sans{};  // any bytes, as dNSName
};

// A key and its certificate.
struct Identity {
  openssl::EvpPkeyPtr key;
  openssl::X509Ptr x509;

  Identity copy() const { return {openssl::share(key.get()), openssl::share(x509.get())}; }
};

namespace detail {

inline std::string content(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

template <class Write>
std::string written(Write write) {
  const openssl::BioPtr out(BIO_new(BIO_s_mem()));
  require(out && write(out.get()), "writing");
  return content(out.get());
}

inline void add_extension(X509* x509, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  const openssl::X509ExtensionPtr made(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  require(made && X509_add_ext(x509, made.get(), -1) == 1, "adding an extension");
}

inline GENERAL_NAME* general_name(const std::string& name, bool raw) {
  if (!raw) {
    if (ASN1_OCTET_STRING* address = a2i_IPADDRESS(name.c_str())) {
      GENERAL_NAME* made = GENERAL_NAME_new();
      GENERAL_NAME_set0_value(made, GEN_IPADD, address);
      return made;
    }
    ERR_clear_error();
  }
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
  GENERAL_NAME* made = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(made, GEN_DNS, text);
  return made;
}

inline void add_names(X509* x509, const Wanted& wanted) {
  if (wanted.names.empty() && wanted.raw_dns_sans.empty()) return;
  const openssl::GeneralNamesPtr names(GENERAL_NAMES_new());
  for (const auto& name : wanted.names)
    sk_GENERAL_NAME_push(names.get(), general_name(name, false));
  for (const auto& name : wanted.raw_dns_sans) {
    sk_GENERAL_NAME_push(names.get(), general_name(name, true));
  }
  require(X509_add1_ext_i2d(x509, NID_subject_alt_name, names.get(), 0, 0) == 1, "adding names");
}

inline void add_extensions(X509* x509, X509* issuer, const Wanted& wanted) {
  if (wanted.ca) add_extension(x509, issuer, NID_basic_constraints, "critical,CA:TRUE");
  if (!wanted.key_usage.empty()) add_extension(x509, issuer, NID_key_usage, wanted.key_usage);
  if (!wanted.extended_key_usage.empty()) {
    add_extension(x509, issuer, NID_ext_key_usage, wanted.extended_key_usage);
  }
  add_names(x509, wanted);
}

}  // namespace detail

// Signed by `issuer`, or by itself.
inline Identity mint(const Wanted& wanted, const Identity* issuer = nullptr) {
  static long serial = 1000;
  Identity made{
      wanted.key_number < 0 ? make_key(wanted.key) : kept_key(wanted.key, wanted.key_number),
      openssl::X509Ptr(X509_new())};
  X509* x509 = made.x509.get();
  X509* signer = issuer != nullptr ? issuer->x509.get() : x509;
  EVP_PKEY* signing_key = issuer != nullptr ? issuer->key.get() : made.key.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(x509), wanted.not_before);
  ASN1_TIME_set(X509_getm_notAfter(x509), wanted.not_after);
  X509_NAME_add_entry_by_NID(X509_get_subject_name(x509), NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.common_name.data()),
                             static_cast<int>(wanted.common_name.size()), -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(signer));
  X509_set_pubkey(x509, made.key.get());
  detail::add_extensions(x509, signer, wanted);
  const int kind = EVP_PKEY_get_base_id(signing_key);
  const bool own_digest = kind == EVP_PKEY_ED25519 || kind == EVP_PKEY_ED448;
  const EVP_MD* digest = own_digest ? nullptr : EVP_get_digestbyname(wanted.digest);
  require(X509_sign(x509, signing_key, digest) > 0, "signing");
  return made;
}

// A root, `depth` intermediates below it, and leaves by the last of them.
struct TestCa {
  Identity root;
  std::vector<Identity> intermediates;  // from the root downwards

  explicit TestCa(const std::string& name = "Test", int depth = 1, Key key = Key::p256,
                  std::int64_t now = test_now) {
    Wanted wanted;
    wanted.ca = true;
    wanted.key = key;
    wanted.common_name = name + " Root";
    wanted.not_before = now - 1000 * day;
    wanted.not_after = now + 3000 * day;
    root = mint(wanted);
    for (int i = 1; i <= depth; ++i) {
      wanted.common_name = name + " Intermediate " + std::to_string(i);
      intermediates.push_back(mint(wanted, &issuer()));
    }
  }

  const Identity& issuer() const { return intermediates.empty() ? root : intermediates.back(); }
  Identity leaf(const Wanted& wanted) const { return mint(wanted, &issuer()); }
  Identity leaf(const std::string& name, Key key = Key::p256) const {
    Wanted wanted;
    wanted.common_name = name;
    wanted.names = {name};
    wanted.key = key;
    return leaf(wanted);
  }
};

inline std::string pem(X509* x509) {
  return detail::written([&](BIO* out) { return PEM_write_bio_X509(out, x509) == 1; });
}
inline std::string pem(const Identity& identity) { return pem(identity.x509.get()); }

inline std::string trusted_pem(X509* x509) {
  return detail::written([&](BIO* out) { return PEM_write_bio_X509_AUX(out, x509) == 1; });
}

// The intermediates in the order of a chain, from the leaf's issuer upwards.
inline std::string chain_pem(const TestCa& ca) {
  std::string text;
  for (auto i = ca.intermediates.rbegin(); i != ca.intermediates.rend(); ++i) text += pem(*i);
  return text;
}

// PKCS#8, encrypted when there is a passphrase.
inline std::string pkcs8_pem(EVP_PKEY* key, const std::string& passphrase = {}) {
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  return detail::written([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, key, cipher, passphrase.data(),
                                         static_cast<int>(passphrase.size()), nullptr,
                                         nullptr) == 1;
  });
}
inline std::string key_pem(const Identity& identity) { return pkcs8_pem(identity.key.get()); }

// PKCS#1 or SEC1; with a cipher's name and a passphrase encrypted by RFC 1421 headers.
inline std::string traditional_pem(EVP_PKEY* key, const char* cipher = nullptr,
                                   const std::string& passphrase = {}) {
  std::string secret = passphrase;
  return detail::written([&](BIO* out) {
    return PEM_write_bio_PrivateKey_traditional(
               out, key, cipher != nullptr ? EVP_get_cipherbyname(cipher) : nullptr,
               cipher != nullptr ? reinterpret_cast<unsigned char*>(secret.data()) : nullptr,
               static_cast<int>(secret.size()), nullptr, nullptr) == 1;
  });
}

inline std::string der(X509* x509) {
  return detail::written([&](BIO* out) { return i2d_X509_bio(out, x509) == 1; });
}

// PKCS#8.
inline std::string key_der(EVP_PKEY* key) {
  return detail::written([&](BIO* out) { return i2d_PKCS8PrivateKeyInfo_bio(out, key) == 1; });
}

inline std::string pkcs12(const Identity& identity, const TestCa& ca,
                          const std::string& passphrase) {
  STACK_OF(X509)* chain = sk_X509_new_null();
  for (const auto& member : ca.intermediates) sk_X509_push(chain, member.x509.get());
  const openssl::Pkcs12Ptr made(PKCS12_create(passphrase.c_str(), "test", identity.key.get(),
                                              identity.x509.get(), chain, 0, 0, 0, 0, 0));
  sk_X509_free(chain);
  require(made != nullptr, "making PKCS#12");
  return detail::written([&](BIO* out) { return i2d_PKCS12_bio(out, made.get()) == 1; });
}

}  // namespace arbortls::test
