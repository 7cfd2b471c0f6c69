#include "cert/pairing.hpp"

#include "cert/chain.hpp"
#include "cert/checks.hpp"
#include "cert/digest.hpp"
#include "cert/key_match.hpp"
#include "cert/names.hpp"
#include "cert/reasons.hpp"
#include "cert/upwards.hpp"

#include <algorithm>
#include <array>

namespace arbortls::cert {
namespace {

constexpr std::array preferred = {KeyType::ecdsa, KeyType::ed25519, KeyType::ed448, KeyType::rsa,
                                  KeyType::rsa_pss};

struct Match {
  std::size_t key = 0;
  std::size_t leaf = 0;
};

class Assembly {
 public:
  Assembly(Material& material, const LoadOptions& options, Desk& desk)
      : material_(material), options_(options), now_(options.now), desk_(desk) {}

  Result<Loaded> run() {
    if (material_.keys.empty()) reasons_.add("no private key found");
    if (material_.certificates.empty()) reasons_.add("no certificate found");
    if (!reasons_.empty()) return reasons_.joined();
    match();
    if (matches_.empty()) {
      reasons_.add(material_.keys.size() == 1 ? "the private key does not match any certificate"
                                              : "no private key matches any certificate");
    }
    judge_matches();
    if (!reasons_.empty()) return reasons_.joined();
    auto certificate = std::make_shared<Certificate>();
    certificate->pairs.reserve(matches_.size());
    for (const Match& m : matches_) certificate->pairs.push_back(make_pair(m));
    warn_about_strangers();
    if (!reasons_.empty()) return reasons_.joined();
    certificate->identity = identity_of(*certificate);
    return Loaded{std::move(certificate), std::move(warnings_), missing_issuer_};
  }

 private:
  X509* x509(std::size_t i) const { return material_.certificates[i]->x509.get(); }
  std::string described(std::size_t i) const { return to_text(X509_get_subject_name(x509(i))); }

  void match() {
    used_.assign(material_.certificates.size(), false);
    for (const KeyType type : preferred) {
      for (std::size_t k = 0; k < material_.keys.size(); ++k) {
        if (material_.keys[k].type == type) match_key(k);
      }
    }
  }

  void match_key(std::size_t k) {
    bool matched = false;
    for (std::size_t c = 0; c < material_.certificates.size(); ++c) {
      const auto own = bears_key(material_.certificates[c], material_.keys[k]);
      if (!own) reasons_.add(own.error().message);
      if (!own || !*own) continue;
      matches_.push_back({k, c});
      used_[c] = matched = true;
    }
    if (!matched) unmatched_.push_back(k);
  }

  void judge_matches() {
    for (const PrivateKey& key : material_.keys) {
      if (auto weak = key_weakness(key.key.get())) reasons_.add(std::move(*weak));
    }
    for (std::size_t i = 0; i < matches_.size(); ++i) {
      const KeyType type = material_.keys[matches_[i].key].type;
      if (i > 0 && material_.keys[matches_[i - 1].key].type == type) {
        reasons_.add("two pairs of the key type " + std::string(to_string(type)) +
                     ", one of each type is expected");
      }
      judge_leaf(matches_[i]);
    }
  }

  void judge_leaf(const Match& m) {
    const PrivateKey& key = material_.keys[m.key];
    if (auto damage = key_inconsistency(key, desk_.tools())) reasons_.add(std::move(*damage));
    if (auto weak = signature_weakness(x509(m.leaf))) reasons_.add("the certificate is " + *weak);
    const auto begin = unix_time(X509_get0_notBefore(x509(m.leaf)));
    const auto end = unix_time(X509_get0_notAfter(x509(m.leaf)));
    if (begin > now_) {
      reasons_.add("the certificate is not valid before " + date_text(begin));
    }
    if (end < now_) warnings_.push_back("the certificate expired on " + date_text(end));
  }

  Pair make_pair(const Match& m) {
    const PrivateKey& key = material_.keys[m.key];
    X509* leaf = x509(m.leaf);
    Pair pair;
    pair.key_type = key.type;
    pair.not_before = unix_time(X509_get0_notBefore(leaf));
    pair.not_after = unix_time(X509_get0_notAfter(leaf));
    take_names(pair, leaf);
    for (auto& warning : leaf_warnings(leaf)) warnings_.push_back(std::move(warning));
    take_chain(pair, m.leaf);
    pair.sha256 = material_.certificates[m.leaf]->sha256;
    pair.leaf = material_.certificates[m.leaf]->der;
    Pair done{pair.key_type,         key_to_der(key),       std::move(pair.leaf),
              std::move(pair.chain), pair.sha256,           pair.not_before,
              pair.not_after,        pair.chain_not_after,  std::move(pair.names)};
    if (done.key.bytes().empty()) reasons_.add("the private key cannot be kept");
    return done;
  }

  void take_names(Pair& pair, X509* leaf) {
    Names names = names_of(leaf);
    if (!names.has_san)
      warnings_.emplace_back(
          "the certificate has no subject alternative name; clients will not accept it for any "
          "name");
    for (auto& refused : names.refused) warnings_.push_back(std::move(refused));
    names.names.shrink_to_fit();
    pair.names = std::move(names.names);
  }

  void take_chain(Pair& pair, std::size_t leaf) {
    const Chain found = chain_of(material_.certificates, leaf, now_);
    for (const std::size_t i : found.used) {
      used_[i] = true;
      desk_.pool().remember(material_.certificates[i]);
    }
    std::vector<ParsedPtr> members;
    for (const std::size_t i : found.members) {
      judge_member(i);
      members.push_back(material_.certificates[i]);
    }
    Upwards upwards(material_.certificates[leaf], std::move(members), options_, desk_);
    upwards.finish(found.has_root);
    for (auto& warning : upwards.warnings()) warnings_.push_back(std::move(warning));
    if (upwards.missing_issuer() != 0) missing_issuer_ = upwards.missing_issuer();
    keep(pair, upwards.members());
  }

  void keep(Pair& pair, const std::vector<ParsedPtr>& members) {
    pair.chain.reserve(members.size());
    for (const ParsedPtr& member : members) {
      pair.chain.push_back(desk_.pool().keep(member->sha256, member->der));
      desk_.pool().issuers().add(*member, pair.chain.back(), options_.owner);
      pair.chain_not_after =
          std::min(pair.chain_not_after, unix_time(X509_get0_notAfter(member->x509.get())));
    }
  }

  void judge_member(std::size_t i) {
    const auto who = [&] { return "the chain's certificate \"" + described(i) + "\" "; };
    if (auto weak = signature_weakness(x509(i))) reasons_.add(who() + "is " + *weak);
    EVP_PKEY* key = X509_get0_pubkey(x509(i));
    if (auto weak = key_weakness(key)) reasons_.add(who() + "has a weak key: " + *weak);
    const auto begin = unix_time(X509_get0_notBefore(x509(i)));
    if (begin > now_) warnings_.push_back(who() + "is not valid before " + date_text(begin));
  }

  void warn_about_strangers() {
    for (const std::size_t k : unmatched_) {
      warnings_.push_back("a private key (" + std::string(to_string(material_.keys[k].type)) +
                          ") matches no certificate and is not used");
    }
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (!used_[i]) warnings_.push_back("the certificate \"" + described(i) + stranger(i));
    }
    warnings_.insert(warnings_.begin(), material_.warnings.begin(), material_.warnings.end());
  }

  std::string stranger(std::size_t i) const {
    const auto end = unix_time(X509_get0_notAfter(x509(i)));
    if (end < now_ && is_ca(x509(i))) {
      return "\" by \"" + to_text(X509_get_issuer_name(x509(i))) + "\" expired on " +
             date_text(end) + " and is left out of the chain";
    }
    return "\" does not belong to the chain and is not used";
  }

  static Digest identity_of(const Certificate& certificate) {
    Sha256 all;
    for (const Pair& pair : certificate.pairs) {
      // The leaf holds the public key of the pair, so the key needs no part of its own.
      all.add_counted(*pair.leaf);
      for (const Der& member : pair.chain) all.add_counted(*member);
      all.add_counted({});
    }
    return all.finish();
  }

  Material& material_;
  const LoadOptions& options_;
  std::int64_t now_;
  Desk& desk_;
  Reasons reasons_;
  std::vector<std::string> warnings_;
  std::vector<Match> matches_;
  std::vector<std::size_t> unmatched_;
  std::vector<bool> used_;
  NameHash missing_issuer_ = 0;
};

}  // namespace

Result<Loaded> assemble(Material material, const LoadOptions& options, Desk& desk) {
  return Assembly(material, options, desk).run();
}

}  // namespace arbortls::cert
