#include "issuance/install.hpp"
#include "issuance/office.hpp"
#include "issuance/plan.hpp"
#include "issuance/tell_hook.hpp"

#include "base/file.hpp"
#include "cert/load.hpp"

#include <algorithm>
#include <chrono>

namespace arbortls::issuance {
namespace {

constexpr std::int64_t pause_without_date = 3600;  // after a rate limit

acme::Failure local_failure(const Error& error) { return {acme::FailureKind::transient, error.message, {}, {}}; }

std::string_view word_of(tls::Maker maker) { return maker == tls::Maker::acme ? "acme" : "local_ca"; }

}  // namespace

void Office::begin(const std::string& domain) {
  Case& each = cases_.at(domain);
  if (const auto may = can_install(each.subject.file); !may) return fail(each, local_failure(may.error()));
  if (each.subject.settings.maker == tls::Maker::local_ca) return issue_locally(each);
  // What could not be kept would be ordered again by each restart.
  if (!save()) return fail(each, local_failure(error(save_trouble_)));
  acme::Failure why;
  auto ca = ca_of(each.subject.settings, why);
  if (!ca) return fail(each, why);
  if (!within_budget(*ca, ledger_.domains[domain])) {
    queue_.finish(domain);
    return line_up(each);
  }
  const auto& challenges = each.subject.settings.challenges;
  const bool by_http = !challenges.empty() && challenges.front() == config::AcmeChallenge::http_01;
  if (options_.self_check && by_http) return check(each, std::move(ca));
  order(each, std::move(ca));
}

// An order that goes on after a restart was counted when it began.
bool Office::within_budget(const Ca& ca, const acme::Ledger::Domain& entry) {
  if (!entry.order.empty()) return true;
  const std::int64_t now = parts_.clock();
  acme::Budget budget;
  budget.orders = options_.orders_per_3h;
  auto& orders = ledger_.accounts[ca.account].orders;
  const std::int64_t next = budget.next_order(orders, now);
  if (next > now) {
    queue_.pause(ca.account, next);
    return false;
  }
  budget.spend(orders, now);
  return true;
}

std::shared_ptr<Ca> Office::ca_of(const tls::Automatic& settings, acme::Failure& why) {
  const std::string account = account_of(settings);
  std::shared_ptr<Ca>& ca = cas_[account];
  if (!ca || !ca->fits(settings)) {
    auto opened = Ca::open(settings, parts_.directory, ledger_.accounts[account]);
    if (!opened) {
      why = local_failure(opened.error());
      return nullptr;
    }
    ca = std::move(*opened);
    queue_.pause(account, 0);
  }
  if (ca->refusal.empty()) return ca;
  why = {acme::FailureKind::account, ca->refusal, {}, {}};
  return nullptr;
}

void Office::order(Case& each, std::shared_ptr<Ca> ca) {
  const std::string domain = each.subject.domain();
  acme::Ledger::Domain& entry = ledger_.domains[domain];
  Subject subject = each.subject;
  if (each.new_key) subject.settings.reuse_key = false;
  // Only the CA that made a certificate knows its ID.
  const bool known = directory_of(entry.directory) == subject.settings.directory && subject.certificate;
  std::string replaces = known ? entry.certificate_id : std::string();
  Job::Setting setting{io_, parts_.transport, proofs_, parts_.clock, parts_.longest_sleep,
                       [this, domain, ca](std::string state) {
                         ledger_.domains[domain].order = std::move(state);
                         keep_account(*ca);
                         save();
                       },
                       [this, domain](Job::Outcome outcome) { finish(domain, std::move(outcome)); }};
  const auto job = std::make_shared<Job>(std::move(setting), ca, std::move(subject), std::move(replaces), entry.order);
  each.job = job;  // which may end, and be gone from there, before start() returns
  parts_.logger.info("ordering a certificate", {{"domain", std::string_view(domain)},
                                                {"account", std::string_view(ca->account)},
                                                {"reason", std::string_view(each.reason)}});
  job->start();
}

void Office::keep_account(const Ca& ca) {
  ledger_.accounts[ca.account].state = acme::to_json(ca.conversation.account());
}

void Office::finish(const std::string& domain, Job::Outcome outcome) {
  const auto found = cases_.find(domain);
  if (found == cases_.end()) return;
  Case& each = found->second;
  if (const auto ca = cas_.find(account_of(each.subject.settings)); ca != cas_.end()) keep_account(*ca->second);
  each.job.reset();
  if (outcome.failure) {
    fail(each, *outcome.failure);
  } else {
    succeed(each, std::move(outcome.pem));
  }
  work();
}

void Office::issue_locally(Case& each) {
  auto leaf = local_leaf(each.subject);
  if (!leaf) return fail(each, local_failure(leaf.error()));
  // It is not served with the leaf, but shows whoever reads the file that nothing lacks.
  std::string pem = authority::certificate_text(*leaf, "") + leaf->issuer_pem;
  cert::wipe(leaf->key_pem);
  succeed(each, std::move(pem));
}

Result<authority::Leaf> Office::local_leaf(const Subject& subject) {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  const std::int64_t now = parts_.clock();
  const authority::Directory directory(parts_.authority);
  std::string passphrase;
  if (const auto& source = options_.authority.key_passphrase) {
    auto read = read_file(source->value.file, 4096);
    if (!read) return read.error();
    passphrase = read->substr(0, read->find_last_not_of("\r\n") + 1);
    cert::wipe(*read);
  }
  if (!directory.exists()) {
    authority::RootWish wish;
    wish.permitted = permitted_names();
    wish.lifetime = duration_cast<seconds>(options_.authority.root_lifetime).count();
    const auto made = directory.make(wish, passphrase, now);
    if (!made) return made.error();
    parts_.logger.info("a local CA was made", {{"directory", std::string_view(parts_.authority)}});
  }
  auto authorities = directory.load(passphrase, now);
  cert::wipe(passphrase);
  if (!authorities) return authorities.error();
  authority::LeafWish wish;
  wish.names = names_of(subject.settings);
  if (subject.settings.key_type == config::AcmeKeyType::rsa_2048) wish.key = authority::LeafKey::rsa_2048;
  wish.lifetime = duration_cast<seconds>(options_.authority.lifetime).count();
  return authorities->issue(wish, now);
}

// A root is made once: for the tree as it stands.
authority::Permitted Office::permitted_names() const {
  authority::Permitted permitted;
  permitted.networks = authority::private_networks();
  for (const auto& [domain, each] : cases_) {
    const tls::Automatic& settings = each.subject.settings;
    if (settings.maker != tls::Maker::local_ca) continue;
    permitted.names.push_back(domain);
    permitted.names.insert(permitted.names.end(), settings.extra_names.begin(), settings.extra_names.end());
    permitted.networks.insert(permitted.networks.end(), settings.addresses.begin(), settings.addresses.end());
  }
  for (std::string& name : permitted.names)
    if (name.starts_with("*.")) name.erase(0, 2);
  return permitted;
}

void Office::succeed(Case& each, std::string pem) {
  const std::int64_t now = parts_.clock();
  const std::string& domain = each.subject.domain();
  const tls::Automatic& settings = each.subject.settings;
  cert::LoadOptions load;
  load.now = now;
  auto loaded = cert::load_pem(pem, load);
  if (!loaded) {
    cert::wipe(pem);
    return fail(each, {acme::FailureKind::refused, "what was made cannot be used: " + loaded.error().message, {}, {}});
  }
  const cert::Certificate& made = *loaded->certificate;
  acme::Ledger::Domain entry;
  entry.directory = account_of(settings);
  follow_certificate(entry, id_of(made), life_of(made), chance());
  // One whose beginning lies far back would be due as soon as it is there.
  entry.by_age = std::max(entry.by_age, now + (life_of(made).not_after - now) / 3);
  Subject as_made = each.subject;
  as_made.certificate = loaded->certificate;
  if (const std::string why = misfit(as_made, entry); !why.empty()) {
    cert::wipe(pem);
    return fail(each, {acme::FailureKind::our_mistake, "what was made is not what is asked for: " + why, {}, {}});
  }
  const bool acme = settings.maker == tls::Maker::acme;
  const acme::Mark mark{acme ? acme::Automatic::acme : acme::Automatic::local_ca,
                        acme ? settings.directory : cert::issuer(made.pairs.front()), settings.account_email, now,
                        entry.by_age};
  const auto installed = install(each.subject.file, mark, pem);
  cert::wipe(pem);
  if (!installed) return fail(each, local_failure(installed.error()));
  ledger_.domains[domain] = entry;
  save_soon();
  each.awaited = entry.certificate_id;
  each.awaited_since = now;
  each.now = each.new_key = false;
  parts_.logger.info("a certificate was made", {{"domain", std::string_view(domain)},
                                                {"by", word_of(settings.maker)},
                                                {"not_after", life_of(made).not_after},
                                                {"file", std::string_view(each.subject.file)}});
  notify("renewed", options_.hooks.renewed, each, {});
  tell(each, Result<std::string>(each.subject.file));
  queue_.finish(domain);
  line_up(each);
}

void Office::fail(Case& each, const acme::Failure& failure) {
  const std::int64_t now = parts_.clock();
  const std::string& domain = each.subject.domain();
  const std::string account = account_of(each.subject.settings);
  acme::Ledger::Domain& entry = ledger_.domains[domain];
  entry.backoff = acme::after_failure(entry.backoff, failure, now, chance());
  entry.last_error = failure.text;
  entry.failed_at = now;
  if (failure.kind == acme::FailureKind::rate_limited && failure.text.find(domain) == std::string::npos)
    pause(account, failure.retry_at.value_or(now + pause_without_date));
  if (failure.kind == acme::FailureKind::account) {
    if (const auto ca = cas_.find(account); ca != cas_.end() && ca->second) ca->second->refusal = failure.text;
    queue_.pause(account, acme::Queue::never);
  }
  each.now = false;
  save_soon();
  parts_.logger.warning("a certificate could not be made", {{"domain", std::string_view(domain)},
                                                            {"by", word_of(each.subject.settings.maker)},
                                                            {"failures", entry.backoff.failures},
                                                            {"next_try", entry.backoff.next_try},
                                                            {"problem", std::string_view(failure.text)}});
  notify("failed", options_.hooks.failed, each, failure.text);
  tell(each, error(failure.text));
  queue_.finish(domain);
  line_up(each);
}

void Office::pause(const std::string& account, std::int64_t until) {
  if (account.empty()) return;  // the local CA has no limits
  queue_.pause(account, until);
  ledger_.accounts[account].paused_until = until;
}

void Office::tell(Case& each, const Result<std::string>& news) {
  for (const Told& told : std::exchange(each.told, {})) told(news);
}

void Office::notify(const char* event, const config::CommandLine& command, const Case& each, const std::string& text) {
  if (command.empty()) return;
  const std::string& domain = each.subject.domain();
  const auto found = ledger_.domains.find(domain);
  hook::Event told{event, domain,
                   {{"by", std::string(word_of(each.subject.settings.maker))},
                    {"file", each.subject.file},
                    {"reason", each.reason}}};
  if (each.subject.certificate)
    told.facts.emplace_back("not_after", std::to_string(each.subject.certificate->not_after()));
  if (!text.empty()) told.facts.emplace_back("problem", text);
  if (found != ledger_.domains.end())
    told.facts.emplace_back("next_try", std::to_string(found->second.backoff.next_try));
  tell_hook(runner_, options_.hooks, command, std::move(told), parts_.logger);
}

}  // namespace arbortls::issuance
