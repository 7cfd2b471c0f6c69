#pragma once
// The roots that this machine trusts (OpenSSL's default places, `SSL_CERT_FILE` and `SSL_CERT_DIR`):
// what they have issued needs no further chain.

#include "cert/parsed.hpp"

#include <mutex>

namespace arbortls::cert {

// Thread-safe. Files are read when they are asked for.
class Anchors {
 public:
  // A self-signed root among them issued `subject`.
  bool issued(const ParsedCertificate& subject);

 private:
  using Store = openssl::Handle<X509_STORE, X509_STORE_free>;

  std::mutex mutex_;
  Store store_;
};

}  // namespace arbortls::cert
