#include "cert/chain.hpp"

#include "cert/checks.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace arbortls::cert {
namespace {

constexpr std::size_t most_members = 10;
// Certificates of one name that all issued each other would have more ways through them than can
// be tried.
constexpr int most_steps = 1000;

class Search {
 public:
  Search(const std::vector<ParsedPtr>& certificates, std::size_t leaf, std::int64_t now)
      : certificates_(certificates), leaf_(leaf), now_(now) {}

  std::vector<std::size_t> best() {
    climb(leaf_);
    return std::move(best_);
  }

 private:
  X509* x509(std::size_t i) const { return certificates_[i]->x509.get(); }

  void climb(std::size_t subject) {
    const bool at_end = is_self_signed(x509(subject)) || path_.size() > most_members;
    const auto issuers = at_end || --steps_ <= 0 ? std::vector<std::size_t>() : issuers_of(subject);
    if (issuers.empty()) return offer();
    for (const std::size_t issuer : issuers) {
      path_.push_back(issuer);
      climb(issuer);
      path_.pop_back();
      if (best_unfit_ == 0 || steps_ <= 0) return;
    }
  }

  void offer() {
    const auto unfit = std::count_if(path_.begin(), path_.end(), [&](std::size_t i) {
      return !is_valid_at(*certificates_[i], now_);
    });
    if (best_unfit_ && *best_unfit_ <= unfit) return;
    best_unfit_ = unfit;
    best_ = path_;
  }

  std::vector<std::size_t> issuers_of(std::size_t subject) {
    std::vector<std::size_t> issuers;
    for (std::size_t i = 0; i < certificates_.size(); ++i) {
      const bool taken = i == leaf_ || std::find(path_.begin(), path_.end(), i) != path_.end();
      if (!taken && has_issued(i, subject)) issuers.push_back(i);
    }
    std::stable_sort(issuers.begin(), issuers.end(), [&](std::size_t a, std::size_t b) {
      return preference(a) > preference(b);
    });
    return issuers;
  }

  bool has_issued(std::size_t issuer, std::size_t subject) {
    const auto [known, is_new] = issued_.try_emplace({issuer, subject}, false);
    if (is_new) known->second = issued(*certificates_[issuer], *certificates_[subject]);
    return known->second;
  }

  std::tuple<bool, bool, std::int64_t> preference(std::size_t i) const {
    return {is_valid_at(*certificates_[i], now_), !is_self_signed(x509(i)),
            unix_time(X509_get0_notAfter(x509(i)))};
  }

  const std::vector<ParsedPtr>& certificates_;
  std::size_t leaf_;
  std::int64_t now_;
  int steps_ = most_steps;
  std::vector<std::size_t> path_;  // from the leaf's issuer upwards
  std::vector<std::size_t> best_;
  std::optional<std::ptrdiff_t> best_unfit_;
  std::map<std::pair<std::size_t, std::size_t>, bool> issued_;
};

}  // namespace

bool issued(const ParsedCertificate& issuer, const ParsedCertificate& subject) {
  if (X509_check_issued(issuer.x509.get(), subject.x509.get()) != X509_V_OK) return false;
  EVP_PKEY* key = X509_get0_pubkey(issuer.x509.get());
  return key != nullptr && signed_by(subject, key);
}

bool is_valid_at(const ParsedCertificate& certificate, std::int64_t now) {
  const X509* x509 = certificate.x509.get();
  return unix_time(X509_get0_notBefore(x509)) <= now && now <= unix_time(X509_get0_notAfter(x509));
}

Chain chain_of(const std::vector<ParsedPtr>& certificates, std::size_t leaf, std::int64_t now) {
  Chain chain;
  chain.used = Search(certificates, leaf, now).best();
  chain.has_root =
      !chain.used.empty() && is_self_signed(certificates[chain.used.back()]->x509.get());
  chain.members = chain.used;
  if (chain.has_root) chain.members.pop_back();
  if (chain.members.size() > most_members) chain.members.resize(most_members);
  return chain;
}

}  // namespace arbortls::cert
