// What operators ask of the office.
#include "issuance/office.hpp"
#include "issuance/plan.hpp"

#include "acme/revocation.hpp"
#include "cert/pem_write.hpp"

namespace arbortls::issuance {

void Office::renew(const std::string& domain, Told told) {
  const auto found = cases_.find(domain);
  if (found == cases_.end()) return told(error(domain + ": no certificate is made for it; acme_enabled makes one"));
  Case& each = found->second;
  if (each.subject.own == tls::Own::by_hand)
    return told(error(each.subject.file + ": an operator has put his own certificate there; take it away first"));
  each.told.push_back(std::move(told));
  if (each.job || !each.probe.empty()) return;
  const std::string account = account_of(each.subject.settings);
  // Whoever asks by hand may have mended what the CA did not like.
  if (const auto ca = cas_.find(account); ca != cas_.end() && ca->second) ca->second->refusal.clear();
  pause(account, 0);
  each.now = true;
  line_up(each);
  work();
}

void Office::revoke(const std::string& domain, Told told) {
  const auto found = cases_.find(domain);
  if (found == cases_.end() || found->second.subject.settings.maker != tls::Maker::acme)
    return told(error(domain + ": no certificate is ordered for it"));
  Case& each = found->second;
  if (each.subject.own != tls::Own::automatic || !each.subject.certificate)
    return told(error(domain + ": has no certificate that was ordered"));
  acme::Failure why;
  const auto ca = ca_of(each.subject.settings, why);
  if (!ca) return told(error(why.text));
  const std::string pem = cert::certificate_to_pem(*each.subject.certificate->pairs.front().leaf);
  auto question = acme::revocation(pem, acme::RevocationReason::superseded);
  if (!question) return told(question.error());
  ask(parts_.transport, ca, std::move(*question), parts_.clock, [this, domain, told = std::move(told)](Answer answer) {
    const auto* failure = std::get_if<acme::Failure>(&answer);
    if (failure != nullptr && failure->type != "alreadyRevoked") return told(error(failure->text));
    parts_.logger.warning("a certificate was revoked", {{"domain", std::string_view(domain)}});
    const auto revoked = cases_.find(domain);
    if (revoked == cases_.end()) return told(Result<std::string>("revoked"));
    revoked->second.new_key = true;
    renew(domain, [told](const Result<std::string>& made) {
      told(made ? Result<std::string>("revoked; the new one is " + *made)
                : Result<std::string>(error("revoked; but no new one was made: " + made.error().message)));
    });
  });
}

Report Office::report() const {
  Report report;
  report.trouble = save_trouble_;
  const std::int64_t now = parts_.clock();
  for (const auto& [domain, each] : cases_) {
    ReportedDomain row;
    row.domain = domain;
    row.maker = each.subject.settings.maker;
    row.own = each.subject.own;
    row.account = account_of(each.subject.settings);
    if (each.subject.certificate) row.not_after = each.subject.certificate->not_after();
    if (each.due != acme::Queue::never) row.due = each.due;
    row.reason = each.reason;
    if (each.job) row.doing = each.job->doing();
    if (!each.awaited.empty()) row.awaited_since = each.awaited_since;
    if (const auto entry = ledger_.domains.find(domain); entry != ledger_.domains.end()) {
      row.failures = entry->second.backoff.failures;
      row.last_error = entry->second.last_error;
      row.failed_at = entry->second.failed_at;
      if (each.subject.own == tls::Own::automatic && each.subject.certificate)
        row.renewal = renewal_of(*each.subject.certificate, entry->second);
    }
    report.domains.push_back(std::move(row));
  }
  for (const auto& [account, kept] : ledger_.accounts) {
    ReportedAccount row;
    row.account = account;
    row.orders = kept.orders.size();
    if (const std::int64_t until = queue_.paused_until(account); until > now) row.paused_until = until;
    if (const auto ca = cas_.find(account); ca != cas_.end() && ca->second) {
      row.url = ca->second->conversation.account().url;
      row.refusal = ca->second->refusal;
    }
    report.accounts.push_back(std::move(row));
  }
  return report;
}

}  // namespace arbortls::issuance
