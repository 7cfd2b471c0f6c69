#pragma once
// From any certificate text or file to a checked Certificate. Blocking and CPU-bound: not for I/O threads.
//
// Formats, told by the bytes: PEM, DER, PKCS#12 (old encryptions with a warning), PKCS#7; UTF-16 text with a
// warning. Java keystores are refused with the command that converts them.
//
// Accepted in PEM: any text outside BEGIN/END pairs; CRLF; the whole PEM folded onto one line (or lines of any
// length); key, certificates and chain in any order; PKCS#1, PKCS#8, encrypted PKCS#8, SEC1 keys, RFC 1421
// encrypted keys (Proc-Type/DEK-Info); EC PARAMETERS are skipped; X.509 and TRUSTED CERTIFICATE. Pairs are
// found by comparing public keys, chains by issuer and signature; several pairs stand for one of each key type.
//
// Refused (an Error that names the reason): nothing parseable; no key, no certificate, or no pair that
// matches; two pairs of one key type; a text over max_text; RSA below 2048 bits, EC below 224 bits; SHA-1 or
// MD5 signatures on a leaf or intermediate; a leaf that is not yet valid; a wrong or missing passphrase.
// Warned about: expired; no SAN; a CA certificate as leaf; no chain for a leaf that is not self-signed; chain
// members that do not belong; a missing intermediate that is known from another text; an expired chain member;
// file readable by group or others.

#include "base/result.hpp"
#include "cert/certificate.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace arbortls::cert {

inline constexpr std::size_t max_text = 1024 * 1024;

class KnownIssuers;
class Tools;
struct ParsedCertificate;

// What loads share: each intermediate once for all who have it, and what is dear to make. Thread-safe. An
// intermediate goes with its last user; parsed is kept only what came by lately.
class ChainPool {
 public:
  ChainPool();
  ~ChainPool();

  Der keep(Bytes der);
  Der keep(const Digest& sha256, Der der);  // `sha256` is its digest

  // An intermediate or root of an earlier text; null where it has to be parsed.
  std::shared_ptr<const ParsedCertificate> find(const Digest& sha256);
  void remember(std::shared_ptr<const ParsedCertificate> member);

  KnownIssuers& issuers() noexcept { return *issuers_; }

  std::unique_ptr<Tools> borrow_tools();
  void give_back(std::unique_ptr<Tools> tools) noexcept;

 private:
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept;
  };
  template <class Value>
  using ByDigest = std::unordered_map<Digest, Value, DigestHash>;
  using Parsed = ByDigest<std::shared_ptr<const ParsedCertificate>>;

  std::mutex mutex_;
  ByDigest<std::weak_ptr<const Bytes>> known_;
  std::size_t next_sweep_ = 1024;
  Parsed recent_, earlier_;  // what is in `earlier_` has not been asked for since `recent_` was empty
  std::unique_ptr<KnownIssuers> issuers_;
  std::vector<std::unique_ptr<Tools>> tools_;
  std::size_t made_tools_ = 0;
};

struct Loaded {
  CertificatePtr certificate;
  std::vector<std::string> warnings;
  std::uint32_t missing_issuer = 0;  // a chain ends below a certificate of this NameHash, which is not known
};

struct LoadOptions {
  std::string passphrase;      // of encrypted keys; "" for none
  std::int64_t now = 0;        // Unix seconds
  ChainPool* chains = nullptr; // optional
  std::string owner{};         // whose it is, to tell where a missing intermediate was found
  bool complete_chains = false;  // by intermediates that are known from others
};

// PEM text. Wipes nothing of `text`: the caller owns it.
Result<Loaded> load_pem(std::string_view text, const LoadOptions& options);

// Bytes of any format. `file` is where they stand, for advice; "" if that is not known.
Result<Loaded> load_any(std::string_view bytes, std::string_view file, const LoadOptions& options);

// Either `server.key` and `server.crt` (chain allowed in the latter; the pair of a second key type may stand
// behind the first in both files), or, if neither is there, `server.p12` or else `server.pfx`. Errors name the
// file.
Result<Loaded> load_certdir(const std::string& directory, const LoadOptions& options);

// The file of the directory that holds the private key, there or not.
std::string key_file_of_certdir(const std::string& directory);

// The canonical `certificate_pem` text: for each pair key, leaf, chain. With a passphrase the keys are
// encrypted (PKCS#8, AES-256-CBC). The caller wipes it.
std::string to_pem(const Certificate& certificate, const std::string& passphrase = {});

// Overwrites a secret text before it is freed.
void wipe(std::string& text) noexcept;

}  // namespace arbortls::cert
