#include "server/issuing.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <string_view>

namespace arbortls::server {
namespace {

namespace json = boost::json;

std::string_view word_of(tls::Maker maker) { return maker == tls::Maker::acme ? "acme" : "local_ca"; }

std::string_view word_of(tls::Own own) {
  switch (own) {
    case tls::Own::nothing: return "none";
    case tls::Own::by_hand: return "by_hand";
    case tls::Own::automatic: break;
  }
  return "automatic";
}

// What an operator asks first.
std::string_view state_of(const issuance::ReportedDomain& domain, std::int64_t now) {
  if (domain.own == tls::Own::by_hand) return "by_hand";
  if (!domain.doing.empty()) return "ordering";
  if (domain.failures > 0) return "failing";
  if (domain.awaited_since) return "put_in_place";
  if (domain.due && *domain.due <= now) return "due";
  return domain.own == tls::Own::automatic ? "valid" : "waiting";
}

json::object domain_json(const issuance::ReportedDomain& domain, std::int64_t now) {
  json::object row{{"domain", domain.domain},
                   {"state", state_of(domain, now)},
                   {"by", word_of(domain.maker)},
                   {"certificate", word_of(domain.own)}};
  if (domain.not_after) row["not_after"] = *domain.not_after;
  if (domain.due) row["due"] = *domain.due;
  row["reason"] = domain.reason;
  if (!domain.doing.empty()) row["doing"] = domain.doing;
  if (domain.failures > 0) {
    row["failures"] = domain.failures;
    row["failed_at"] = domain.failed_at;
    row["problem"] = domain.last_error;
  }
  if (!domain.account.empty()) row["account"] = domain.account;
  return row;
}

json::object rehearsed_json(const issuance::Rehearsed& rehearsed) {
  return {{"domain", rehearsed.domain}, {"would", rehearsed.would}, {"problem", rehearsed.problem}};
}

json::object account_json(const issuance::ReportedAccount& account) {
  json::object row{{"account", account.account}, {"url", account.url}, {"orders", account.orders}};
  if (account.paused_until) row["paused_until"] = *account.paused_until;
  if (!account.refusal.empty()) row["problem"] = account.refusal;
  return row;
}

}  // namespace

issuance::Options issuance_options(const config::Settings& settings) {
  issuance::Options options;
  if (settings.domains_dir) options.domains_dir = settings.domains_dir->value;
  options.orders_per_3h = static_cast<std::size_t>(settings.acme_orders_per_3h);
  // Where port 80 is mapped from elsewhere, asking ourselves would prove nothing.
  const auto at_port_80 = [](const config::HttpListener& door) {
    return door.kind == config::ListenerKind::http_redirect && door.address.value.ends_with(":80");
  };
  options.self_check = settings.acme_self_check &&
                       std::any_of(settings.http_listeners.begin(), settings.http_listeners.end(), at_port_80);
  options.hooks = settings.hooks;
  options.authority = settings.authority;
  return options;
}

json::object report_json(const issuance::Report& report, std::int64_t now) {
  json::array domains;
  for (const auto& domain : report.domains) domains.push_back(domain_json(domain, now));
  json::array accounts;
  for (const auto& account : report.accounts) accounts.push_back(account_json(account));
  return {{"domains", std::move(domains)}, {"accounts", std::move(accounts)}, {"problem", report.trouble}};
}

json::object summary_json(const issuance::Report& report, std::int64_t now) {
  constexpr std::size_t shown = 10;
  json::object counts;
  json::array by_hand, failing;
  for (const auto& domain : report.domains) {
    const std::string_view state = state_of(domain, now);
    json::value& count = counts[state];
    count = count.is_null() ? 1 : count.as_int64() + 1;
    if (domain.own == tls::Own::by_hand && by_hand.size() < shown) by_hand.emplace_back(domain.domain);
    if (domain.failures > 0 && failing.size() < shown)
      failing.push_back(json::object{{"domain", domain.domain}, {"problem", domain.last_error}});
  }
  json::object summary{{"domains", report.domains.size()}, {"states", std::move(counts)}};
  if (!by_hand.empty()) summary["by_hand"] = std::move(by_hand);
  if (!failing.empty()) summary["failing"] = std::move(failing);
  if (!report.trouble.empty()) summary["problem"] = report.trouble;
  return summary;
}

json::array rehearsal_json(const std::vector<issuance::Rehearsed>& rehearsal) {
  json::array rows;
  for (const auto& each : rehearsal) rows.push_back(rehearsed_json(each));
  return rows;
}

}  // namespace arbortls::server
