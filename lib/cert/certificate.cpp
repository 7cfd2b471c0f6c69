#include "cert/certificate.hpp"

#include "cert/checks.hpp"
#include "cert/names.hpp"
#include "openssl/handles.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/err.h>

namespace arbortls::cert {

std::string_view to_string(KeyType type) noexcept {
  switch (type) {
    case KeyType::rsa:
      return "rsa";
    case KeyType::rsa_pss:
      return "rsa-pss";
    case KeyType::ecdsa:
      return "ecdsa";
    case KeyType::ed25519:
      return "ed25519";
    case KeyType::ed448:
      return "ed448";
  }
  return "unknown";
}

std::string to_hex(const Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const unsigned char byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

SecretBytes::~SecretBytes() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

bool Certificate::covers(std::string_view name) const noexcept {
  if (name.ends_with('.')) name.remove_suffix(1);
  const auto covered_by = [name](const Pair& pair) {
    return std::any_of(pair.names.begin(), pair.names.end(),
                       [name](const std::string& n) { return name_matches(n, name); });
  };
  return !pairs.empty() && std::all_of(pairs.begin(), pairs.end(), covered_by);
}

bool Certificate::valid_at(std::int64_t unix_time) const noexcept {
  return !pairs.empty() && std::all_of(pairs.begin(), pairs.end(), [unix_time](const Pair& pair) {
    return pair.not_before <= unix_time && unix_time <= pair.not_after;
  });
}

bool Certificate::expired_at(std::int64_t unix_time) const noexcept {
  return std::any_of(pairs.begin(), pairs.end(),
                     [unix_time](const Pair& pair) { return pair.not_after < unix_time; });
}

std::int64_t Certificate::not_after() const noexcept {
  std::int64_t earliest = pairs.empty() ? 0 : pairs.front().not_after;
  for (const Pair& pair : pairs) earliest = std::min(earliest, pair.not_after);
  return earliest;
}

std::int64_t Certificate::chain_not_after() const noexcept {
  std::int64_t earliest = no_end;
  for (const Pair& pair : pairs) earliest = std::min(earliest, pair.chain_not_after);
  return earliest;
}

namespace {

openssl::X509Ptr decoded(const Der& der) {
  if (!der) return nullptr;
  const unsigned char* at = der->data();
  openssl::X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der->size())));
  if (!x509) ERR_clear_error();
  return x509;
}

}  // namespace

std::string subject(const Pair& pair) {
  const auto x509 = decoded(pair.leaf);
  return x509 ? to_text(X509_get_subject_name(x509.get())) : std::string();
}

std::string issuer(const Pair& pair) {
  const auto x509 = decoded(pair.leaf);
  return x509 ? to_text(X509_get_issuer_name(x509.get())) : std::string();
}

std::vector<ChainMember> chain_members(const Pair& pair) {
  std::vector<ChainMember> members;
  for (const Der& der : pair.chain) {
    if (const auto x509 = decoded(der)) {
      members.push_back({to_text(X509_get_subject_name(x509.get())),
                         unix_time(X509_get0_notAfter(x509.get()))});
    }
  }
  return members;
}

}  // namespace arbortls::cert
