#pragma once
// ContextCache: ready contexts of the certificates in use, bounded by bytes, least recently used go first. Belongs
// to one thread. A connection keeps its context by OpenSSL's own reference, so eviction cuts nobody.

#include "base/result.hpp"
#include "cert/certificate.hpp"
#include "openssl/handles.hpp"

#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>

namespace arbortls::tls {

class ContextCache {
 public:
  using Make = std::function<Result<openssl::SslCtxPtr>(const cert::Certificate&)>;
  ContextCache(std::size_t max_bytes, Make make);

  // The context of `certificate`; made if it is not here. Valid until the next call.
  Result<SSL_CTX*> get(const cert::CertificatePtr& certificate);

  // Lets go of certificates that nobody else holds any more: replaced ones, whose keys shall not stay in memory.
  void drop_unused();

  std::size_t size() const noexcept { return entries_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Entry {
    cert::CertificatePtr certificate;  // keeps the key of index_ from being given to another one
    openssl::SslCtxPtr context;
    std::size_t bytes;
  };

  void erase(std::list<Entry>::iterator entry);

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  Make make_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<const cert::Certificate*, std::list<Entry>::iterator> index_;
};

}  // namespace arbortls::tls
