#pragma once
// What domains say about certificates that are made or fetched for them: by ACME (RFC 8555), or by the daemon's own
// CA. Plain values, without places: they are told with the place of their domain.

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::config {

enum class AcmeKeyType { ecdsa_p256, rsa_2048, both };
enum class AcmeChallenge { http_01, tls_alpn_01, dns_01 };

// A program and its arguments, started without a shell; the program's path is absolute. Empty: none.
using CommandLine = std::vector<std::string>;

// Where a secret stands: `file:PATH` or `cred:NAME`, made an absolute path.
struct SecretSource {
  std::string file;
  bool operator==(const SecretSource&) const = default;
};

// External Account Binding (RFC 8555, 7.3.4): what a CA has handed out to its customer.
struct AcmeEab {
  std::string kid;
  SecretSource hmac_key;  // the file holds the key in base64url
  bool operator==(const AcmeEab&) const = default;
};

// A domain's own words; what it leaves out comes from its ancestors, but for the first three, which are its alone.
struct Automatic {
  std::optional<bool> acme_enabled;  // own
  std::optional<bool> acme_wildcard;  // own
  std::optional<std::vector<std::string>> acme_extra_names;  // own; normalized
  std::optional<bool> acme_subdomains;  // concerns those below it
  std::optional<std::string> acme_account_email;
  std::optional<std::string> acme_directory;
  std::optional<std::string> acme_ca_file;
  std::optional<AcmeEab> acme_eab;
  std::optional<AcmeKeyType> acme_key_type;
  std::optional<std::vector<AcmeChallenge>> acme_challenges;  // in order of preference, none twice
  std::optional<CommandLine> acme_dns_hook;
  std::optional<std::string> acme_profile;
  std::optional<bool> acme_reuse_key;
  std::optional<bool> local_ca;
  std::optional<std::vector<std::string>> local_ca_addresses;

  bool operator==(const Automatic&) const = default;
};

// Null: nothing of it is set, as with most domains.
using AutomaticPtr = std::shared_ptr<const Automatic>;

inline constexpr char lets_encrypt_directory[] = "https://acme-v02.api.letsencrypt.org/directory";

}  // namespace arbortls::config
