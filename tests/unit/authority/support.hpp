#pragma once
// Roots and directories for the tests of the local authority, and a client that judges its leaves.

#include "authority/directory.hpp"
#include "base/file.hpp"
#include "support/test_ca.hpp"

#include <catch2/catch.hpp>

#include <openssl/x509_vfy.h>
#include <stdlib.h>

#include <filesystem>

namespace arbortls::test {

using authority::Authority;

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

inline void must(const Result<void>& result) {
  if (!result) FAIL(result.error().message);
}

template <class T>
std::string error_of(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().message;
}

inline authority::RootWish root_wish(std::vector<std::string> names = {"pbx.example"}) {
  authority::RootWish wish;
  wish.permitted = {std::move(names), authority::private_networks()};
  return wish;
}

inline authority::LeafWish leaf_wish(std::vector<std::string> names) {
  authority::LeafWish wish;
  wish.names = std::move(names);
  return wish;
}

inline openssl::X509Ptr x509_of(const std::string& pem_text) {
  const openssl::BioPtr in(BIO_new_mem_buf(pem_text.data(), static_cast<int>(pem_text.size())));
  openssl::X509Ptr x509(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  REQUIRE(x509);
  return x509;
}

inline openssl::EvpPkeyPtr key_of(const std::string& pem_text) {
  const openssl::BioPtr in(BIO_new_mem_buf(pem_text.data(), static_cast<int>(pem_text.size())));
  openssl::EvpPkeyPtr key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  REQUIRE(key);
  return key;
}

inline Identity identity_of(const Authority& authority) {
  return {key_of(authority.key_pem({})), x509_of(authority.root().pem())};
}

// What a client that trusts `root` says of `leaf` as `host` (a name or an address): X509_V_OK or
// why not.
inline int judged(X509* leaf, X509* root, const std::string& host, std::int64_t now = test_now,
                  int purpose = X509_PURPOSE_SSL_SERVER,
                  unsigned long flags = X509_V_FLAG_X509_STRICT) {
  const openssl::Handle<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  const openssl::Handle<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  X509_STORE_add_cert(store.get(), root);
  X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_flags(context.get(), flags);
  X509_STORE_CTX_set_time(context.get(), 0, now);
  X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(context.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) != 1 && !host.empty())
    X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size());
  X509_verify_cert(context.get());
  ERR_clear_error();
  return X509_STORE_CTX_get_error(context.get());
}

// Gone with all that is in it at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "authority-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace arbortls::test
