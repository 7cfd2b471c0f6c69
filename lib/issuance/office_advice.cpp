// When the CAs suggest to renew (ACME Renewal Information, RFC 9773). One question at a time: it is never urgent.
#include "issuance/office.hpp"
#include "issuance/plan.hpp"

#include "acme/renewal_info.hpp"

namespace arbortls::issuance {
namespace {

constexpr std::int64_t day = 86'400;

// A certificate without its issuer's key in it is known to no CA by an ID (RFC 9773, 4.1).
bool is_askable(const std::string& certificate_id) { return certificate_id.find('.') != std::string::npos; }

}  // namespace

void Office::ask_advice() {
  const std::int64_t now = parts_.clock();
  while (!asking_ && !polls_.empty() && polls_.begin()->first <= now) {
    const std::string domain = polls_.extract(polls_.begin()).value().second;
    const auto each = cases_.find(domain);
    const auto entry = ledger_.domains.find(domain);
    if (each == cases_.end() || entry == ledger_.domains.end()) continue;
    const bool asked_since = entry->second.next_poll > now;
    if (asked_since || each->second.subject.settings.maker != tls::Maker::acme) continue;
    // Another CA's certificate is about to be replaced anyhow.
    if (directory_of(entry->second.directory) != each->second.subject.settings.directory) continue;
    if (!is_askable(entry->second.certificate_id)) continue;
    acme::Failure why;
    const auto ca = ca_of(each->second.subject.settings, why);
    if (!ca) {
      polls_.emplace(now + day, domain);
      continue;
    }
    asking_ = true;
    ask(parts_.transport, ca, acme::renewal_info(entry->second.certificate_id), parts_.clock,
        [this, domain](const Answer& answer) { take_advice(domain, answer); });
  }
}

void Office::take_advice(const std::string& domain, const Answer& answer) {
  asking_ = false;
  const std::int64_t now = parts_.clock();
  const auto each = cases_.find(domain);
  const auto found = ledger_.domains.find(domain);
  if (stopped_ || each == cases_.end() || found == ledger_.domains.end()) return;
  acme::Ledger::Domain& entry = found->second;
  if (const auto* failure = std::get_if<acme::Failure>(&answer)) {
    entry.next_poll =
        failure->kind == acme::FailureKind::our_mistake ? now + day : acme::next_poll(now, failure->retry_at);
  } else if (const auto info = acme::parse_renewal_info(std::get<acme::Reply>(answer), now); !info) {
    entry.next_poll = acme::next_poll(now, {});
  } else {
    entry.next_poll = info->ask_again_at;
    const acme::Window window{info->start, info->end};
    const cert::CertificatePtr& certificate = each->second.subject.certificate;
    if (certificate && acme::is_sensible(window, life_of(*certificate)))
      entry.suggestion = acme::follow(entry.suggestion, entry.certificate_id, window, chance());
    else
      entry.suggestion.reset();
  }
  polls_.emplace(entry.next_poll, domain);
  save_soon();
  line_up(each->second);
  work();
}

}  // namespace arbortls::issuance
