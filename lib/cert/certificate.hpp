#pragma once
// A Certificate at rest: checked, compact DER, immutable, shared by pointer. It knows no domain tree, no
// socket, no SSL_CTX.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::cert {

enum class KeyType { rsa, rsa_pss, ecdsa, ed25519, ed448 };
std::string_view to_string(KeyType type) noexcept;  // "rsa", "rsa-pss", "ecdsa", "ed25519", "ed448"

using Bytes = std::vector<unsigned char>;
using Der = std::shared_ptr<const Bytes>;
using Digest = std::array<unsigned char, 32>;  // SHA-256
std::string to_hex(const Digest& digest);      // lower case

// DER of a private key (type-specific form, as i2d_PrivateKey writes it); wiped when destroyed.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(SecretBytes&&) = delete;
  SecretBytes(const SecretBytes&) = delete;
  ~SecretBytes();
  const Bytes& bytes() const noexcept { return bytes_; }

 private:
  Bytes bytes_;
};

inline constexpr std::int64_t no_end = INT64_MAX;

// One private key with its certificate and chain.
struct Pair {
  KeyType key_type = KeyType::ecdsa;
  SecretBytes key;
  Der leaf;
  std::vector<Der> chain;  // from the leaf's issuer upwards; a self-signed root is left out
  Digest sha256{};         // of the leaf's DER
  std::int64_t not_before = 0;  // Unix seconds
  std::int64_t not_after = 0;
  std::int64_t chain_not_after = no_end;  // the earliest end of a member of `chain`
  std::vector<std::string> names;  // SAN dNSNames and IP addresses as text, lower case; no SAN: the CN if it
                                   // is a host name. A name with a NUL is left out.
};

// What one `certificate_pem` or `certdir` holds: at most one pair of each key type, at least one in all.
struct Certificate {
  std::vector<Pair> pairs;  // in order of preference: ecdsa, ed25519, ed448, rsa, rsa-pss
  Digest identity{};        // SHA-256 over all leaves' and chains' DER and keys' SPKI: equal = same to a client

  bool covers(std::string_view name) const noexcept;      // every pair covers it; IP literals match as text
  bool valid_at(std::int64_t unix_time) const noexcept;   // every pair is between its dates
  bool expired_at(std::int64_t unix_time) const noexcept; // some pair is past its end
  std::int64_t not_after() const noexcept;                // the earliest end
  std::int64_t chain_not_after() const noexcept;  // of a chain's member; no_end where there is none
};

using CertificatePtr = std::shared_ptr<const Certificate>;

// RFC 2253 subject of the leaf, decoded from DER when asked. Control bytes are escaped.
std::string subject(const Pair& pair);
std::string issuer(const Pair& pair);

struct ChainMember {
  std::string subject;  // as subject()
  std::int64_t not_after = 0;
};

// The pair's chain from the leaf's issuer upwards, decoded when asked.
std::vector<ChainMember> chain_members(const Pair& pair);

}  // namespace arbortls::cert
