#include "server/book.hpp"

#include "cert/known_issuers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

namespace arbortls::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t worth_a_thread = 64;

// Calls f(i) for each i below `count`, on every processor.
template <class F>
void in_parallel(std::size_t count, F f) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t at = next++; at < count; at = next++) f(at);
  };
  const std::size_t threads =
      std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), count / worth_a_thread + 1);
  std::vector<std::thread> helpers;
  for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(run);
  run();
  for (std::thread& helper : helpers) helper.join();
}

bool is_inline(const Record& record) { return record.has_source && record.pem_file.empty(); }

std::string passphrase_file(const Record& record) {
  const auto& source = record.domain.key_passphrase;
  return source ? source->value.file : "";
}

// Whether two configurations judge the same certificate alike.
bool same_rules(const config::Settings& a, const config::Settings& b) {
  return a.strict_key_permissions == b.strict_key_permissions && a.complete_chains == b.complete_chains;
}

// Whether the certificate of `earlier` may be kept now that its files look like this. Only time can mend some broken
// ones, so those are read again.
bool may_be_kept(const Record& earlier, FileState now) {
  return !has_errors(earlier.served.problems) && surely_same(now, earlier.certificate_state);
}

// Whether both name the same files.
bool same_source(const Record& a, const Record& b) {
  return a.has_source == b.has_source && !is_inline(a) && !is_inline(b) && a.pem_file == b.pem_file &&
         passphrase_file(a) == passphrase_file(b);
}

}  // namespace

const Record* Book::find(const std::string& name) const {
  const auto found = records_.find(name);
  return found != records_.end() ? found->second.get() : nullptr;
}

// Whether the record of a domain that is nothing but a certificate in `now`'s domains_dir can be
// taken over as it is.
bool Book::still_holds(const std::string& name, DomainFiles files, const config::Settings& now) const {
  const Record* record = find(name);
  return record != nullptr && files.pem && !files.yaml && !record->in_main_file && record->has_pem_file &&
         record->settings_state == absent && record->settings_problems.empty() &&
         settings_.domains_dir->value == now.domains_dir->value && same_rules(settings_, now) &&
         may_be_kept(*record, state_of_certificate(*record));
}

void Book::load_certificates(const Book* before, Patience patience) {
  std::vector<std::shared_ptr<Record>> work = std::exchange(unread_, {});
  // A text that stands in the configuration is wiped once it is read, so it comes last: by then the intermediates of
  // the others are known.
  std::stable_partition(work.begin(), work.end(), [](const auto& record) { return !is_inline(*record); });
  const LoadContext context = this->context();
  const bool alike = before != nullptr && same_rules(before->settings_, settings_);
  const auto deadline =
      patience == until_all_are_read ? Clock::time_point::max() : Clock::now() + patience;
  in_parallel(work.size(), [&](std::size_t at) {
    Record& record = *work[at];
    const Record* earlier = before != nullptr ? before->find(record.domain.name) : nullptr;
    record.certificate_state = state_of_certificate(record);
    if (earlier != nullptr && alike && same_source(record, *earlier) &&
        may_be_kept(*earlier, record.certificate_state)) {
      record.served = earlier->served;
    } else if (!record.has_source || is_inline(record) || Clock::now() < deadline) {
      load_certificate(record, earlier != nullptr ? &earlier->served : nullptr, context);
    } else {
      if (earlier != nullptr) record.served = earlier->served;
      record.served.problems.clear();
      record.served.pending = true;
    }
  });
}

bool Book::load_pending(std::vector<std::string> wanted, std::size_t count) {
  if (wanted.empty()) {
    for (auto it = pending_.begin(); it != pending_.end() && wanted.size() < count; ++it)
      wanted.push_back(*it);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<Record> fresh;
  for (const std::string& name : wanted) {
    if (pending_.contains(name)) fresh.push_back(*records_.at(name));
  }
  const LoadContext context = this->context();
  in_parallel(fresh.size(), [&](std::size_t at) {
    const Served earlier = fresh[at].served;
    load_certificate(fresh[at], &earlier, context);
  });
  for (Record& record : fresh) replace_domain(std::move(record));
  mend_chains();
  return !fresh.empty();
}

// An intermediate has come that others lack: those are read again, in the background, as pending ones are. Returns
// whether a certdir's certificate has changed at once.
bool Book::mend_chains() {
  const auto found = chains_->issuers().take_found();
  if (found.empty()) return false;
  const auto lacks = [&](const Served& served) {
    return std::find(found.begin(), found.end(), served.missing_issuer) != found.end();
  };
  for (const auto& [name, record] : records_) {
    if (lacks(record->served) && !is_inline(*record)) pending_.insert(name);
  }
  bool changed = false;
  for (std::size_t i = 0; i < certdirs_.size(); ++i) {
    if (lacks(certdirs_[i])) changed = refresh_certdir(i) || changed;
  }
  return changed;
}

}  // namespace arbortls::server
