#pragma once
// The roots that this machine trusts (OpenSSL's default places, `SSL_CERT_FILE` and `SSL_CERT_DIR`):
// what they have issued needs no further chain.

#include "cert/parsed.hpp"

#include <cstddef>
#include <mutex>
#include <unordered_set>

namespace arbortls::cert {

// Thread-safe. Files are read when they are asked for, and looked for once.
class Anchors {
 public:
  // A self-signed root among them issued `subject`.
  bool issued(const ParsedCertificate& subject);

 private:
  using Store = openssl::Handle<X509_STORE, X509_STORE_free>;

  bool lacks(X509* subject);

  std::mutex mutex_;
  Store store_;
  std::unordered_set<std::size_t> absent_;  // hashes of names that no root has
};

}  // namespace arbortls::cert
