#include "issuance/office.hpp"

#include "issuance/plan.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace arbortls::issuance {
namespace {

constexpr auto look_interval = std::chrono::seconds(1);
constexpr auto gathering = std::chrono::seconds(1);  // of changes to be saved
// How long what was put in place may take to be in force.
constexpr std::int64_t taking_up = 600;
constexpr std::int64_t a_while = 3600;  // longer than any sleep

Result<void> make_directory(const std::string& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (!code) std::filesystem::permissions(path, std::filesystem::perms::owner_all, code);
  if (code) return error(path + ": cannot be made: " + code.message());
  return {};
}

// What is under way is of no use to the subject as it is now.
bool other_order(const Subject& a, const Subject& b) {
  return a.settings.maker != b.settings.maker || account_of(a.settings) != account_of(b.settings) ||
         names_of(a.settings) != names_of(b.settings) || a.settings.key_type != b.settings.key_type ||
         a.settings.profile != b.settings.profile;
}

}  // namespace

Office::Office(boost::asio::io_context& io, Parts parts)
    : io_(io),
      parts_(std::move(parts)),
      proofs_(parts_.challenges, runner_),
      hooks_(io, ::dup(runner_.descriptor())),
      look_timer_(io),
      work_timer_(io),
      save_timer_(io) {
  if (const auto made = make_directory(parts_.directory); !made) save_trouble_ = made.error().message;
  auto opened = acme::open_ledger(ledger_file());
  if (!opened) {
    save_trouble_ = opened.error().message;
  } else {
    ledger_ = std::move(opened->ledger);
    if (!opened->warning.empty())
      parts_.logger.warning("automatic certificates", {{"problem", std::string_view(opened->warning)}});
  }
  if (!save_trouble_.empty())
    parts_.logger.error("automatic certificates", {{"problem", std::string_view(save_trouble_)}});
  for (const auto& [name, account] : ledger_.accounts)
    if (account.paused_until != 0) queue_.pause(name, account.paused_until);
  watch_hooks();
}

Office::~Office() { stop(); }

std::string Office::ledger_file() const { return parts_.directory + "/ledger.json"; }

void Office::stop() {
  if (std::exchange(stopped_, true)) return;
  for (auto& [domain, each] : cases_)
    if (each.job) each.job->cancel();
  look_timer_.cancel();
  work_timer_.cancel();
  save_timer_.cancel();
  hooks_.close();
  if (saving_) save();
}

void Office::watch_hooks() {
  hooks_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& failed) {
    if (failed || stopped_) return;
    runner_.on_ready();
    watch_hooks();
  });
}

double Office::chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

void Office::save_soon() {
  if (std::exchange(saving_, true)) return;
  save_timer_.expires_after(gathering);
  save_timer_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed && saving_) save();
  });
}

bool Office::save() {
  saving_ = false;
  const auto saved = acme::save_ledger(ledger_file(), ledger_);
  const std::string trouble = saved ? std::string() : saved.error().message;
  if (trouble == save_trouble_) return trouble.empty();
  save_trouble_ = trouble;
  if (!trouble.empty())
    parts_.logger.error("the state of automatic certificates cannot be kept", {{"problem", std::string_view(trouble)}});
  return trouble.empty();
}

void Office::follow(std::shared_ptr<const tls::Site> site, Options options) {
  const bool first = site_ == nullptr;
  site_ = std::move(site);
  options_ = std::move(options);
  proofs_.run_as(options_.hooks.run_as);
  if (std::exchange(looking_, true)) return;
  // Files that change in crowds are looked at together.
  look_timer_.expires_after(first ? std::chrono::seconds(0) : look_interval);
  look_timer_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed) take_up();
  });
}

void Office::take_up() {
  looking_ = false;
  std::vector<Subject> subjects;
  if (site_->automatic && !options_.domains_dir.empty()) subjects = subjects_of(*site_, options_.domains_dir);
  for (auto known = cases_.begin(); known != cases_.end();) {
    const auto found = std::lower_bound(subjects.begin(), subjects.end(), known->first,
                                        [](const Subject& s, const std::string& name) { return s.domain() < name; });
    const bool stays = found != subjects.end() && found->domain() == known->first;
    const auto each = known++;
    if (!stays) let_go(each);
  }
  for (Subject& subject : subjects) take_up(std::move(subject));
  work();
}

void Office::take_up(Subject subject) {
  const auto known = cases_.find(subject.domain());
  if (subject.pending && known == cases_.end()) return;
  Case& each = known != cases_.end() ? known->second : cases_[subject.domain()];
  if (subject.pending) {
    subject.own = each.subject.own;
    subject.certificate = each.subject.certificate;
    subject.pending = false;
  }
  const bool other = each.subject.certificate != subject.certificate;
  const bool under_way = each.job || !each.probe.empty();
  if (under_way && (subject.own == tls::Own::by_hand || other_order(each.subject, subject))) drop_job(each);
  each.subject = std::move(subject);
  if (each.subject.own == tls::Own::by_hand) {
    // Where an operator takes it away again, all begins anew.
    ledger_.domains.erase(each.subject.domain());
    each.awaited.clear();
  } else if (other && each.subject.certificate) {
    see_certificate(each);
  }
  line_up(each);
}

void Office::see_certificate(Case& each) {
  const std::string id = id_of(*each.subject.certificate);
  if (!each.awaited.empty() && each.awaited != id && parts_.clock() < each.awaited_since + taking_up) return;
  each.awaited.clear();
  acme::Ledger::Domain& entry = ledger_.domains[each.subject.domain()];
  follow_certificate(entry, id, life_of(*each.subject.certificate), chance());
  if (each.subject.settings.maker == tls::Maker::acme) polls_.emplace(entry.next_poll, each.subject.domain());
  save_soon();
}

void Office::drop_job(Case& each) {
  if (each.job) each.job->cancel();
  each.job.reset();
  each.probe.clear();
  queue_.finish(each.subject.domain());
  ledger_.domains[each.subject.domain()].order.clear();
  tell(each, error("its settings or its file have changed meanwhile"));
}

void Office::let_go(Cases::iterator gone) {
  Case& each = gone->second;
  if (each.job || !each.probe.empty()) drop_job(each);
  tell(each, error("it is no longer to be made"));
  queue_.remove(gone->first);
  ledger_.domains.erase(gone->first);
  cases_.erase(gone);
  save_soon();
}

void Office::line_up(Case& each) {
  const std::string& domain = each.subject.domain();
  if (each.job || !each.probe.empty()) return;  // comes back when that is over
  const std::int64_t now = parts_.clock();
  const auto found = ledger_.domains.find(domain);
  static const acme::Ledger::Domain nothing_known;
  const acme::Ledger::Domain& entry = found != ledger_.domains.end() ? found->second : nothing_known;
  auto wanted = plan(each.subject, entry, now);
  if (!wanted) {
    each.due = acme::Queue::never;
    each.reason = "an operator has put his own there";
    return queue_.remove(domain);
  }
  if (each.now) {
    wanted = Plan{now, "an operator wants it"};
  } else {
    if (!each.awaited.empty()) wanted->due = std::max(wanted->due, each.awaited_since + taking_up);
    if (!entry.backoff.may_try(std::max(now, wanted->due))) wanted->due = std::max(wanted->due, entry.backoff.next_try);
  }
  each.due = wanted->due;
  each.reason = wanted->reason;
  std::optional<std::int64_t> end;
  if (each.subject.certificate) end = each.subject.certificate->not_after();
  queue_.put(domain, {account_of(each.subject.settings), end, each.due});
}

void Office::work() {
  if (stopped_) return;
  const std::int64_t now = parts_.clock();
  while (const auto domain = queue_.next(now)) begin(*domain);
  ask_advice();
  std::int64_t next = queue_.next_at(now);
  if (!polls_.empty() && !asking_) next = std::min(next, polls_.begin()->first);
  const std::chrono::seconds left(std::clamp<std::int64_t>(next - now, 0, a_while));
  work_timer_.expires_after(std::min<std::chrono::milliseconds>(left, parts_.longest_sleep));
  work_timer_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed) work();
  });
}

}  // namespace arbortls::issuance
