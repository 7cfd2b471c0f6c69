#pragma once
// The public part of a root: what clients install. Immutable; any thread may read it.

#include "authority/permitted.hpp"
#include "base/result.hpp"
#include "cert/certificate.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace arbortls::authority {

struct RootCertificate {
  cert::Bytes der;
  cert::Digest sha256{};                 // fingerprints, of `der`
  std::array<unsigned char, 20> sha1{};  // what old phones show
  std::string common_name;               // UTF-8; any text
  std::string serial;                    // hex, upper case
  std::int64_t not_before = 0;           // Unix seconds
  std::int64_t not_after = 0;
  Permitted permitted;

  std::string pem() const;
};

// One certificate, PEM or DER. Errors: unreadable; not a self-signed CA that may sign certificates;
// without constraints.
Result<RootCertificate> read_root(std::string_view bytes);

// Upper-case hex in pairs with colons between, as clients show it.
std::string fingerprint_text(const unsigned char* bytes, std::size_t size);
template <class Bytes>
std::string fingerprint_text(const Bytes& bytes) {
  return fingerprint_text(bytes.data(), bytes.size());
}

}  // namespace arbortls::authority
