#include "cert/digest.hpp"

#include <cstring>

#include <openssl/sha.h>

namespace arbortls::cert {

Digest sha256(std::span<const unsigned char> bytes) {
  Digest digest{};
  SHA256(bytes.data(), bytes.size(), digest.data());
  return digest;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void Sha256::add_counted(std::span<const unsigned char> bytes) {
  unsigned char length[8];
  for (std::size_t i = 0; i < sizeof length; ++i) {
    length[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(bytes.size()) >> (8 * i));
  }
  EVP_DigestUpdate(context_.get(), length, sizeof length);
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

Digest Sha256::finish() {
  Digest digest{};
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  return digest;
}

}  // namespace arbortls::cert
