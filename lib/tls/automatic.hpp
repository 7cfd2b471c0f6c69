#pragma once
// Which domains are to have a certificate made or fetched for them, and how: their own settings and those of their
// ancestors, resolved key by key. Not for the handshake path.

#include "base/problem.hpp"
#include "config/settings.hpp"
#include "tls/site.hpp"

#include <string>
#include <vector>

namespace arbortls::tls {

// Who is to make a domain's certificate. The nearest word counts: the domain's own `acme_enabled`, else the nearest
// ancestor's `acme_subdomains`; the nearest `local_ca`, its own included. Where both are as near, ACME.
enum class Maker { none, acme, local_ca };

// The ancestors are the tree's (`parent`, else the longest suffix, else the master). O(depth); allocates nothing.
Maker maker_of(const Tree& tree, const Tree::Node& node);

// Every setting with its default filled in; values of its own, so that any thread may keep it.
struct Automatic {
  Maker maker = Maker::none;
  std::string domain;
  std::vector<std::string> extra_names;
  bool wildcard = false;
  std::string account_email;  // "": the account has none
  std::string directory = config::lets_encrypt_directory;
  std::string ca_file;  // trusted for the directory besides the system's; "": none
  std::optional<config::AcmeEab> eab;
  config::AcmeKeyType key_type = config::AcmeKeyType::ecdsa_p256;
  std::vector<config::AcmeChallenge> challenges{config::AcmeChallenge::http_01, config::AcmeChallenge::tls_alpn_01};
  config::CommandLine dns_hook;
  std::string profile;  // "": the CA's own choice
  bool reuse_key = false;
  std::vector<std::string> addresses;  // IP addresses for the local CA's certificates
};
Automatic automatic_of(const Tree& tree, const Tree::Node& node);

// What fits together only, or not, once the whole tree is known: dns-01 without a program, a wildcard without dns-01,
// http-01 without a listener for it, no place to put certificates in. One Problem for each setting that has to change,
// at the domain that says it. O(number of domains that say anything).
Problems check_automatic(const Tree& tree, const config::Settings& settings);

}  // namespace arbortls::tls
