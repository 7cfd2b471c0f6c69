#include "cert/chain.hpp"

#include "cert/checks.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

namespace arbortls::cert {
namespace {

constexpr std::size_t most_members = 10;

bool issued(X509* issuer, const ParsedCertificate& subject) {
  if (X509_check_issued(issuer, subject.x509.get()) != X509_V_OK) return false;
  EVP_PKEY* key = X509_get0_pubkey(issuer);
  return key != nullptr && signed_by(subject, key);
}

std::tuple<bool, bool, std::int64_t> preference(X509* x509, std::int64_t now) {
  const std::int64_t end = unix_time(X509_get0_notAfter(x509));
  const bool valid = unix_time(X509_get0_notBefore(x509)) <= now && now <= end;
  return {valid, !is_self_signed(x509), end};
}

std::optional<std::size_t> issuer_of(const std::vector<ParsedPtr>& certificates,
                                     std::size_t subject, const Chain& chain, std::size_t leaf,
                                     std::int64_t now) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const bool taken =
        i == leaf || std::find(chain.used.begin(), chain.used.end(), i) != chain.used.end();
    X509* candidate = certificates[i]->x509.get();
    if (taken || !issued(candidate, *certificates[subject])) continue;
    if (!best || preference(candidate, now) > preference(certificates[*best]->x509.get(), now)) {
      best = i;
    }
  }
  return best;
}

}  // namespace

Chain chain_of(const std::vector<ParsedPtr>& certificates, std::size_t leaf, std::int64_t now) {
  Chain chain;
  std::size_t at = leaf;
  while (!is_self_signed(certificates[at]->x509.get()) && chain.members.size() < most_members) {
    const auto issuer = issuer_of(certificates, at, chain, leaf, now);
    if (!issuer) break;
    at = *issuer;
    chain.used.push_back(at);
    chain.has_root = is_self_signed(certificates[at]->x509.get());
    if (!chain.has_root) chain.members.push_back(at);
  }
  return chain;
}

}  // namespace arbortls::cert
