#include "server/book.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace arbortls::server {
namespace {

constexpr int retries_in_a_minute = 256;

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string file_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_directory(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Its text was wiped when it was loaded.
bool inline_is_gone(const Record& record) {
  return record.has_source && record.pem_file.empty() && record.domain.certificate_pem &&
         record.domain.certificate_pem->value.text.empty();
}

}  // namespace

bool Book::is_as_read(const Record& record, DomainFiles files) const {
  if (files.pem != record.has_pem_file) return false;
  const FileState settings =
      files.yaml ? state_of(settings_.domains_dir->value + "/" + record.domain.name + ".yaml") : absent;
  return surely_same(settings, record.settings_state) &&
         surely_same(state_of_certificate(record), record.certificate_state);
}

bool Book::refresh(const std::vector<std::string>& paths) {
  std::set<std::string> names;
  std::set<std::size_t> certdirs;
  const std::string dir = settings_.domains_dir ? settings_.domains_dir->value : "";
  for (const std::string& path : paths) {
    // The directory itself: any of its entries may have changed.
    if (!dir.empty() && path == dir) return refresh_everything();
    find_users(path, names, certdirs);
  }
  // Files that are gone because their directory is: that says nothing about the domains.
  if (!dir.empty() && !names.empty() && !is_directory(dir)) return refresh_everything();
  bool changed = false;
  for (const std::string& name : names) changed = refresh_domain(name, Look::always) || changed;
  for (const std::size_t listener : certdirs) changed = refresh_certdir(listener) || changed;
  changed = mend_chains() || changed;
  return retry_refused() || changed;
}

void Book::find_users(const std::string& path, std::set<std::string>& names,
                      std::set<std::size_t>& certdirs) {
  if (settings_.domains_dir && directory_of(path) == settings_.domains_dir->value) {
    const std::string name = domain_of_entry(file_of(path));
    if (name.empty())
      look_at_odd_file(path);
    else
      names.insert(name);
  }
  if (const auto users = users_of_file_.find(path); users != users_of_file_.end()) {
    names.insert(users->second.begin(), users->second.end());
  }
  for (std::size_t i = 0; i < settings_.listeners.size(); ++i) {
    const config::Listener& listener = settings_.listeners[i];
    if (!listener.certdir) continue;
    const std::string& certdir = listener.certdir->value;
    const bool passphrase = listener.key_passphrase && path == listener.key_passphrase->value.file;
    if (passphrase || path == certdir || directory_of(path) == certdir) certdirs.insert(i);
  }
}

void Book::look_at_odd_file(const std::string& path) {
  struct stat info {};
  Problems problems = ::lstat(path.c_str(), &info) == 0 ? problems_of_entry(path) : Problems{};
  if (problems.empty())
    odd_files_.erase(path);
  else
    odd_files_.insert(path);
  show(path, std::move(problems));
}

std::optional<std::unordered_map<std::string, DomainFiles>> Book::list_domains() {
  if (!settings_.domains_dir) return std::unordered_map<std::string, DomainFiles>{};
  const std::string& directory = settings_.domains_dir->value;
  DomainsDir dir = list_domains_dir(directory);
  Problems whole;
  const std::set<std::string> odd_before = odd_files_;
  for (Problem& problem : dir.problems) {
    if (problem.place.file == directory)
      whole.push_back(std::move(problem));
    else
      look_at_odd_file(problem.place.file);
  }
  for (const std::string& file : odd_before) look_at_odd_file(file);
  const bool listed = whole.empty();
  show(directory, std::move(whole));
  if (!listed) return {};
  return std::move(dir.domains);
}

bool Book::refresh_everything() {
  bool changed = false;
  // A directory that cannot be listed says nothing about its domains: they stay as they are.
  if (const auto listed = list_domains()) {
    std::vector<std::string> others(refused_.begin(), refused_.end());
    for (const auto& [name, record] : records_) {
      if (!listed->contains(name)) others.push_back(name);
    }
    for (const auto& [name, files] : *listed)
      changed = refresh_domain(name, files, Look::if_changed) || changed;
    for (const std::string& name : others)
      changed = refresh_domain(name, Look::if_changed) || changed;
  }
  for (std::size_t i = 0; i < settings_.listeners.size(); ++i)
    changed = refresh_certdir(i) || changed;
  return retry_refused() || changed;
}

bool Book::upkeep() {
  const std::int64_t now = clock_();
  const std::set<std::string> expired = expired_;
  for (const auto& [name, record] : records_) {
    const bool over = record->served.certificate && record->served.certificate->expired_at(now);
    if (over != expired.contains(name)) note(name, record->served, record->settings_problems);
  }
  for (std::size_t i = 0; i < certdirs_.size(); ++i)
    note(certdir_key(settings_.listeners[i]), certdirs_[i], {});
  bool changed = false;
  for (std::size_t i = 0; i < certdirs_.size(); ++i) {
    if (broken_.contains(certdir_key(settings_.listeners[i])))
      changed = refresh_certdir(i) || changed;
  }
  std::vector<std::string> again;
  for (auto it = broken_.upper_bound(next_broken_);
       it != broken_.end() && again.size() < retries_in_a_minute; ++it) {
    again.push_back(*it);
  }
  next_broken_ = again.size() < retries_in_a_minute ? "" : again.back();
  for (const std::string& name : again) {
    if (records_.contains(name)) changed = refresh_domain(name, Look::always) || changed;
  }
  return changed;
}

bool Book::refresh_domain(const std::string& name, Look look) {
  const DomainFiles none;
  return refresh_domain(
      name, settings_.domains_dir ? files_of(settings_.domains_dir->value, name) : none, look);
}

bool Book::refresh_domain(const std::string& name, DomainFiles files, Look look) {
  const Record* before = find(name);
  const bool in_main = before != nullptr && before->in_main_file;
  if (!files.yaml && !files.pem && !in_main) return remove_domain(name);
  if (look == Look::if_changed && before != nullptr && is_as_read(*before, files)) return false;
  refused_.erase(name);
  Reading reading = read_domain(settings_, name, files, in_main ? before : nullptr);
  Record& fresh = reading.record;
  if (has_errors(reading.problems)) {
    if (before == nullptr) {
      show(name, std::move(reading.problems));
      return false;
    }
    // The settings stay as they were; the certificate may still be a new one.
    const FileState seen = fresh.settings_state;
    fresh = *before;
    fresh.settings_state = seen;
    fresh.has_pem_file = files.pem;
  }
  fresh.settings_problems = std::move(reading.problems);
  if (inline_is_gone(fresh)) {
    if (before != nullptr) fresh.served = before->served;
  } else {
    fresh.certificate_state = unsure;  // that was of what was read before
    load_certificate(fresh, before != nullptr ? &before->served : nullptr, context());
  }
  return replace_domain(std::move(fresh));
}

bool Book::replace_domain(Record record) {
  const std::string name = record.domain.name;
  const auto known = records_.find(name);
  const bool had = known != records_.end();
  const bool same = had && same_in_tree(*known->second, record);
  if (!same) {
    tls::Tree tree = tree_.with(node_of(record));
    const bool moved = !had || parent_of(*known->second) != parent_of(record);
    if (Problems structural = moved ? tree.check(name) : Problems{}; !structural.empty())
      return refuse(name, std::move(structural));
    tree_ = std::move(tree);
    if (moved) tree_is_checked_ = false;
  }
  const bool same_certificate =
      had && known->second->served.certificate == record.served.certificate &&
      !known->second->served.pending;
  if (!same_certificate || !record.has_source) to_save_.insert(name);
  // The new one first: files that both use stay watched.
  index(record);
  if (had) forget(*known->second);
  note(name, record.served, record.settings_problems);
  records_.insert_or_assign(name, std::make_shared<const Record>(std::move(record)));
  return !same;
}

// What the tree does not allow is tried again when something else has changed.
bool Book::refuse(const std::string& name, Problems problems) {
  refused_.insert(name);
  const auto known = records_.find(name);
  if (known == records_.end()) {
    show(name, std::move(problems));
    return false;
  }
  for (Problem& problem : problems)
    problem.message += "; `" + name + "` stays as it was until that is mended";
  auto refused = std::make_shared<Record>(*known->second);
  refused->settings_problems = std::move(problems);
  note(name, refused->served, refused->settings_problems);
  known->second = std::move(refused);
  return false;
}

// Whether some domain's place in the tree may depend on `name`, so that the tree has to be checked
// without it.
bool Book::holds_up_others(const std::string& name) const {
  return std::any_of(parents_.begin(), parents_.end(), [&](const auto& parent) {
    const std::string& other = parent.first;
    return other.ends_with(name) &&
           (other.size() == name.size() || other[other.size() - name.size() - 1] == '.');
  });
}

bool Book::remove_domain(const std::string& name) {
  const auto known = records_.find(name);
  refused_.erase(name);
  if (known == records_.end()) {
    show(name, {});
    return false;
  }
  tls::Tree tree = tree_.without(name);
  if (holds_up_others(name)) {
    if (Problems structural = tree.check(name); !structural.empty())
      return refuse(name, std::move(structural));
  }
  tree_ = std::move(tree);
  tree_is_checked_ = false;
  forget(*known->second);
  note(name, Served{}, {});
  records_.erase(known);
  to_save_.erase(name);
  store_->forget_last_good(name);
  return true;
}

bool Book::retry_refused() {
  bool changed = false;
  for (std::size_t before = refused_.size() + 1; !refused_.empty() && refused_.size() < before;) {
    before = refused_.size();
    const std::set<std::string> again = refused_;
    for (const std::string& name : again) changed = refresh_domain(name, Look::always) || changed;
  }
  return changed;
}

bool Book::refresh_certdir(std::size_t listener) {
  const config::Listener& settings = settings_.listeners[listener];
  if (!settings.certdir) return false;
  const std::string key = certdir_key(settings);
  Served fresh = load_certdir(settings.certdir->value, key, settings.key_passphrase,
                              &certdirs_[listener], context());
  const bool changed = fresh.certificate != certdirs_[listener].certificate;
  certdirs_[listener] = std::move(fresh);
  note(key, certdirs_[listener], {});
  if (changed) to_save_.insert(key);
  return changed;
}

}  // namespace arbortls::server
