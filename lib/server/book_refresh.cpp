#include "server/book.hpp"

#include "base/file.hpp"
#include "config/load.hpp"
#include "server/domains_dir.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

namespace arbortls::server {
namespace {

constexpr std::size_t max_domain_file = 1024 * 1024;

// A link that points nowhere is there too: its domain exists and has a certificate that cannot be read.
bool present(const std::string& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool same_text(const Problems& a, const Problems& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Problem& x, const Problem& y) {
    return to_string(x) == to_string(y);
  });
}

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string file_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

bool Book::refresh(const std::vector<std::string>& paths) {
  std::set<std::string> names;
  std::set<std::size_t> certdirs;
  for (const std::string& path : paths) {
    if (settings_.domains_dir) {
      // The directory itself: it vanished, came back or was exchanged.
      if (path == settings_.domains_dir->value) return refresh_everything();
      if (directory_of(path) == settings_.domains_dir->value) names.insert(domain_of_entry(file_of(path)));
    }
    const auto [first, last] = users_of_file_.equal_range(path);
    for (auto it = first; it != last; ++it) names.insert(it->second);
    for (std::size_t i = 0; i < settings_.listeners.size(); ++i) {
      const config::Listener& listener = settings_.listeners[i];
      if (listener.certdir && (path == listener.certdir->value || directory_of(path) == listener.certdir->value)) {
        certdirs.insert(i);
      }
      if (listener.key_passphrase && path == listener.key_passphrase->value.file) certdirs.insert(i);
    }
  }
  names.erase("");
  bool changed = false;
  for (const std::string& name : names) changed = refresh_domain(name) || changed;
  for (const std::size_t listener : certdirs) changed = refresh_certdir(listener) || changed;
  return changed;
}

bool Book::refresh_everything() {
  std::set<std::string> names;
  for (const auto& [name, record] : records_) names.insert(name);
  bool listed = true;
  if (settings_.domains_dir) {
    const DomainsDir dir = list_domains_dir(settings_.domains_dir->value);
    directory_problems_ = dir.problems;
    for (const auto& [name, files] : dir.domains) names.insert(name);
    listed = !std::any_of(dir.problems.begin(), dir.problems.end(), [&](const Problem& p) {
      return p.place.file == settings_.domains_dir->value;
    });
  }
  bool changed = false;
  // A directory that cannot be listed says nothing about its domains: they stay as they are.
  if (listed) {
    for (const std::string& name : names) changed = refresh_domain(name) || changed;
  }
  for (std::size_t i = 0; i < settings_.listeners.size(); ++i) changed = refresh_certdir(i) || changed;
  return changed;
}

bool Book::refresh_domain(const std::string& name) {
  const auto known = records_.find(name);
  const std::string base = settings_.domains_dir ? settings_.domains_dir->value + "/" + name : "";
  const bool yaml = !base.empty() && present(base + ".yaml");
  const bool pem = !base.empty() && present(base + ".pem");
  const bool in_main = known != records_.end() && known->second.in_main_file;
  homeless_.erase(name);
  if (!yaml && !pem && !in_main) return remove_domain(name);

  Record fresh;
  if (known != records_.end()) fresh = known->second;
  fresh.settings_problems.clear();
  if (in_main) {
    const bool own = fresh.domain.certificate_pem.has_value();
    if (!own) {
      fresh.has_source = pem;
      fresh.pem_file = pem ? base + ".pem" : "";
    }
    if (own && fresh.pem_file.empty()) return false;  // inline text changes by reload only
  } else {
    Problems found;
    if (yaml) {
      const auto text = read_file(base + ".yaml", max_domain_file);
      if (text) {
        auto parsed = config::parse_domain(*text, base + ".yaml", name, settings_);
        found = std::move(parsed.problems);
        if (!has_errors(found)) fresh.domain = std::move(parsed.domain);
      } else {
        found.push_back({Severity::error, {base + ".yaml", 0, 0}, name, text.error().message});
      }
    } else {
      fresh.domain = config::Domain{};
      fresh.domain.name = name;
      fresh.domain.place = {base + ".pem", 0, 0};
    }
    if (has_errors(found)) {
      if (known == records_.end()) {
        homeless_[name] = std::move(found);
        return false;
      }
      fresh.domain = known->second.domain;
      fresh.settings_problems = std::move(found);
    }
    const bool own = fresh.domain.certificate_pem.has_value();
    fresh.has_source = own || pem;
    fresh.pem_file = own ? fresh.domain.certificate_pem->value.file : pem ? base + ".pem" : "";
  }
  const Served* before = known != records_.end() ? &known->second.served : nullptr;
  const bool wiped_inline = fresh.has_source && fresh.pem_file.empty() &&
                            fresh.domain.certificate_pem->value.text.empty();
  if (!wiped_inline) load_certificate(fresh, before, context());
  return replace_domain(std::move(fresh));
}

bool Book::replace_domain(Record record) {
  const std::string name = record.domain.name;
  tls::Tree tree = tree_.with(node_of(record));
  if (Problems structural = tree.check(name); !structural.empty()) {
    const auto known = records_.find(name);
    Problems& place = known != records_.end() ? known->second.settings_problems : homeless_[name];
    place = std::move(structural);
    return false;
  }
  const auto known = records_.find(name);
  const bool same_certificate =
      known != records_.end() && known->second.served.certificate == record.served.certificate;
  if (!same_certificate || !record.has_source) to_save_.push_back(name);
  index_record(record);
  records_[name] = std::move(record);
  tree_ = std::move(tree);
  return true;
}

bool Book::remove_domain(const std::string& name) {
  const auto known = records_.find(name);
  if (known == records_.end()) return false;
  tls::Tree tree = tree_.without(name);
  if (Problems structural = tree.check(name); !structural.empty()) {
    for (Problem& problem : structural) problem.message += "; `" + name + "` stays until that is mended";
    known->second.settings_problems = std::move(structural);
    return false;
  }
  tree_ = std::move(tree);
  records_.erase(known);
  store_->forget_last_good(name);
  return true;
}

bool Book::refresh_certdir(std::size_t listener) {
  const config::Listener& settings = settings_.listeners[listener];
  if (!settings.certdir) return false;
  Served fresh = load_certdir(settings.certdir->value, "listener " + settings.name, settings.key_passphrase,
                              &certdirs_[listener], context());
  const bool changed = fresh.certificate != certdirs_[listener].certificate ||
                       !same_text(fresh.problems, certdirs_[listener].problems);
  certdirs_[listener] = std::move(fresh);
  return changed;
}

}  // namespace arbortls::server
