#include "issuance/plan.hpp"

#include "acme/ari_window.hpp"
#include "acme/renewal.hpp"
#include "acme/renewal_info.hpp"
#include "cert/pem_write.hpp"

#include <algorithm>

namespace arbortls::issuance {
namespace {

bool has(const cert::Certificate& certificate, cert::KeyType type) {
  return std::any_of(certificate.pairs.begin(), certificate.pairs.end(),
                     [type](const cert::Pair& pair) { return pair.key_type == type; });
}

bool has_wanted_keys(const cert::Certificate& certificate, const tls::Automatic& settings) {
  const config::AcmeKeyType wanted = settings.key_type;
  const bool ecdsa = wanted != config::AcmeKeyType::rsa_2048;
  // The local CA's clients are not so old as to need both.
  const bool rsa = wanted == config::AcmeKeyType::rsa_2048 ||
                   (wanted == config::AcmeKeyType::both && settings.maker == tls::Maker::acme);
  return has(certificate, cert::KeyType::ecdsa) == ecdsa && has(certificate, cert::KeyType::rsa) == rsa;
}

}  // namespace

std::string misfit(const Subject& subject, const acme::Ledger::Domain& entry) {
  for (const std::string& name : names_of(subject.settings)) {
    const auto lists = [&name](const cert::Pair& pair) {
      return std::find(pair.names.begin(), pair.names.end(), name) != pair.names.end();
    };
    const auto& pairs = subject.certificate->pairs;
    if (!std::all_of(pairs.begin(), pairs.end(), lists)) return "it does not name " + name;
  }
  if (!has_wanted_keys(*subject.certificate, subject.settings)) return "another type of key is asked for";
  const bool acme = subject.settings.maker == tls::Maker::acme;
  const std::string maker = acme ? subject.settings.directory : std::string();
  if (!entry.certificate_id.empty() && directory_of(entry.directory) != maker) return "another CA is asked for";
  return {};
}

std::string id_of(const cert::Certificate& certificate) {
  const cert::Pair& pair = certificate.pairs.front();
  auto id = acme::certificate_id(cert::certificate_to_pem(*pair.leaf));
  return id ? std::move(*id) : cert::to_hex(pair.sha256);
}

acme::Life life_of(const cert::Certificate& certificate) noexcept {
  const auto first = std::min_element(
      certificate.pairs.begin(), certificate.pairs.end(),
      [](const cert::Pair& a, const cert::Pair& b) { return a.not_after < b.not_after; });
  return {first->not_before, first->not_after};
}

std::string account_of(const tls::Automatic& settings) {
  if (settings.maker != tls::Maker::acme) return {};
  return settings.account_email.empty() ? settings.directory : settings.directory + " " + settings.account_email;
}

std::string directory_of(const std::string& account) { return account.substr(0, account.find(' ')); }

void follow_certificate(acme::Ledger::Domain& entry, const std::string& id, const acme::Life& life, double chance) {
  if (entry.certificate_id == id) return;
  entry.certificate_id = id;
  entry.by_age = acme::renewal_by_age(life, chance);
  entry.suggestion.reset();
  entry.next_poll = 0;
}

std::int64_t renewal_of(const cert::Certificate& certificate, const acme::Ledger::Domain& entry) {
  return acme::renewal_time(life_of(certificate), entry.by_age, entry.certificate_id, entry.suggestion);
}

std::optional<Plan> plan(const Subject& subject, const acme::Ledger::Domain& entry, std::int64_t now) {
  if (subject.own == tls::Own::by_hand) return {};
  if (!entry.order.empty()) return Plan{now, "an order is under way"};
  if (!subject.certificate) return Plan{now, "it has none yet"};
  if (const std::string why = misfit(subject, entry); !why.empty()) return Plan{now, why};
  const std::int64_t due = renewal_of(*subject.certificate, entry);
  const bool suggested = entry.suggestion && due == entry.suggestion->moment;
  return Plan{due, suggested ? "the CA suggests it" : "its time comes"};
}

}  // namespace arbortls::issuance
