#pragma once
// SHA-256 over bytes.

#include "cert/certificate.hpp"
#include "openssl/handles.hpp"

#include <span>

namespace arbortls::cert {

Digest sha256(std::span<const unsigned char> bytes);

// Over several parts, each with its length before it, so that no two lists of parts look alike.
class Sha256 {
 public:
  Sha256();
  void add_counted(std::span<const unsigned char> bytes);
  Digest finish();

 private:
  openssl::EvpMdCtxPtr context_;
};

}  // namespace arbortls::cert
