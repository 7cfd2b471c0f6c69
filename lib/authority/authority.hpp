#pragma once
// An authority of one's own for names that no public one signs for: a root with its key, and the
// leaves it issues. Immutable; any thread may issue. CPU-bound (an RSA key takes a moment): not for
// I/O threads. No error text holds a secret.

#include "authority/root_certificate.hpp"
#include "base/result.hpp"
#include "openssl/handles.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::authority {

inline constexpr std::int64_t day = 86'400;

struct RootWish {
  std::string common_name = "arbortls local root";  // the year and month of making stand behind it
  Permitted permitted;
  std::int64_t lifetime = 10 * 365 * day;
  bool critical = true;  // RFC 5280 wants it; some phones refuse a root with critical constraints
};

struct LeafContent;
struct Subject;

enum class LeafKey { ecdsa_p256, rsa_2048 };
enum class Purpose { server, client };

struct LeafWish {
  std::vector<std::string>
      names;  // host names, wildcards and addresses; the first is the subject's
  LeafKey key = LeafKey::ecdsa_p256;
  std::int64_t lifetime = 30 * day;  // at most max_lifetime; ends with the root at the latest
};

// Apple's systems refuse leaves of roots installed by hand that live longer.
inline constexpr std::int64_t max_lifetime = 825 * day;

struct Leaf {
  std::string key_pem;  // PKCS#8; "" where the key is the asker's own. The caller wipes it.
  std::string certificate_pem;
  std::string issuer_pem;       // the root
  std::string serial;           // hex, upper case
  std::int64_t not_before = 0;  // Unix seconds; an hour before `now`: clocks differ
  std::int64_t not_after = 0;
  std::int64_t renew_at = 0;  // two thirds of its life
};

// One `certificate_pem` text: header lines, key, leaf. The root is left out: who trusts it has it.
// `header` ends with a line end or is empty. The caller wipes it.
std::string certificate_text(const Leaf& leaf, std::string_view header);

class Authority {
 public:
  // P-256, pathlen 0, keyCertSign and cRLSign only. Errors: as of normalized(); OpenSSL's.
  static Result<Authority> make(const RootWish& wish, std::int64_t now);
  static Result<Authority> make(const RootWish& wish, openssl::EvpPkeyPtr key, std::int64_t now);
  // Errors: as of read_root(); the key is another's.
  static Result<Authority> of(std::string_view certificate, openssl::EvpPkeyPtr key);

  const RootCertificate& root() const noexcept { return root_; }
  // PKCS#8; with a passphrase AES-256. The caller wipes it.
  std::string key_pem(const std::string& passphrase) const;

  // A fresh key and its certificate for TLS servers. Errors: no name; a name that the root does not
  // permit (it is named); the root is not valid at `now`; a lifetime out of bounds.
  Result<Leaf> issue(const LeafWish& wish, std::int64_t now) const;

  // A certificate for the key and the names (SAN; of a client with none: the subject's common name)
  // in a certificate signing request, PEM or DER (RFC 2986). Nothing else in it is heeded. Errors
  // besides issue()'s: its signature is not its key's; its key is too weak.
  Result<Leaf> sign_csr(std::string_view csr, Purpose purpose, std::int64_t lifetime,
                        std::int64_t now) const;

 private:
  Authority(RootCertificate root, openssl::X509Ptr x509, openssl::EvpPkeyPtr key);
  Result<LeafContent> content_for(Subject subject, std::int64_t lifetime, std::int64_t now) const;
  Result<Leaf> certified(LeafContent content, EVP_PKEY* key, std::int64_t now) const;

  RootCertificate root_;
  openssl::X509Ptr x509_;
  openssl::EvpPkeyPtr key_;
};

}  // namespace arbortls::authority
