#include "server/book.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace arbortls::server {
namespace {

void append(Problems& to, const Problems& from) { to.insert(to.end(), from.begin(), from.end()); }

void add_expiry(const std::string& key, const Served& served, std::int64_t now, Problems& problems) {
  if (!served.certificate || !served.certificate->expired_at(now)) return;
  problems.push_back({Severity::warning, {}, key, "certificate: what is served has expired"});
}

bool is_link(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::is_symlink(file, ignored);
}

}  // namespace

Book::Book(config::Settings settings, std::shared_ptr<Store> store, WallClock clock)
    : settings_(std::move(settings)), store_(std::move(store)), clock_(std::move(clock)) {}

LoadContext Book::context() const {
  return {store_.get(), chains_.get(), clock_(), settings_.strict_key_permissions};
}

tls::Tree::NodePtr Book::node_of(const Record& record) {
  auto node = std::make_shared<tls::Tree::Node>();
  node->name = record.domain.name;
  if (record.domain.parent) node->parent = record.domain.parent->value;
  node->place = record.domain.place;
  node->value.certificate = record.served.certificate;
  const config::Inherited& inherited = record.domain.inherited;
  if (inherited.backend || inherited.idle_timeout || inherited.half_close_timeout ||
      inherited.certificate_choice || inherited.tls_min_version) {
    node->value.inherited = std::make_shared<config::Inherited>(inherited);
  }
  return node;
}

session::SnapshotPtr Book::snapshot() const {
  auto snapshot = std::make_shared<session::Snapshot>();
  snapshot->site.tree = tree_;
  snapshot->site.fallback = fallback_;
  snapshot->backends = backends_;
  for (std::size_t i = 0; i < settings_.listeners.size(); ++i) {
    const config::Listener& listener = settings_.listeners[i];
    snapshot->site.listeners.push_back(
        {listener.name, listener.role, certdirs_[i].certificate, listener.inherited});
    session::ListenerRules rules;
    for (const auto& network : listener.accept_proxy) rules.accept_proxy.add(network.value);
    rules.handshake_timeout = listener.handshake_timeout;
    rules.proxy_header_timeout = listener.proxy_header_timeout;
    snapshot->rules.push_back(std::move(rules));
  }
  return snapshot;
}

Problems Book::problems() const {
  Problems problems = config_warnings_;
  append(problems, directory_problems_);
  const std::int64_t now = clock_();
  for (const auto& [name, record] : records_) {
    append(problems, record.served.problems);
    append(problems, record.settings_problems);
    add_expiry(name, record.served, now, problems);
  }
  for (const auto& [name, found] : homeless_) append(problems, found);
  for (std::size_t i = 0; i < certdirs_.size(); ++i) {
    append(problems, certdirs_[i].problems);
    add_expiry("listener " + settings_.listeners[i].name, certdirs_[i], now, problems);
  }
  append(problems, store_->warnings());
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.key < b.key; });
  return problems;
}

std::vector<std::string> Book::watched_directories() const {
  std::vector<std::string> directories;
  if (settings_.domains_dir) directories.push_back(settings_.domains_dir->value);
  for (const config::Listener& listener : settings_.listeners) {
    if (listener.certdir) directories.push_back(listener.certdir->value);
  }
  std::sort(directories.begin(), directories.end());
  directories.erase(std::unique(directories.begin(), directories.end()), directories.end());
  return directories;
}

std::vector<std::string> Book::watched_files() const {
  std::vector<std::string> files;
  const std::string dir = settings_.domains_dir ? settings_.domains_dir->value + "/" : "";
  for (const auto& [file, user] : users_of_file_) {
    // The directory's own watch sees its plain files; what a link points to it cannot see.
    const bool in_dir = !dir.empty() && file.starts_with(dir);
    if (!in_dir || is_link(file)) files.push_back(file);
  }
  for (const config::Listener& listener : settings_.listeners) {
    if (!listener.certdir) continue;
    for (const char* name : {"/server.key", "/server.crt"}) files.push_back(listener.certdir->value + name);
    if (listener.key_passphrase) files.push_back(listener.key_passphrase->value.file);
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

bool Book::save_last_good(std::size_t count) {
  cert::LoadOptions options;
  options.now = clock_();
  for (; count > 0 && !to_save_.empty(); --count) {
    const auto found = records_.find(to_save_.back());
    to_save_.pop_back();
    if (found == records_.end()) continue;
    const Record& record = found->second;
    if (!record.has_source) {
      store_->forget_last_good(record.domain.name);
      continue;
    }
    // Of a source that is broken by now too: what is served may never have been written.
    if (!record.served.certificate) continue;
    auto passphrase = read_passphrase(record.domain.key_passphrase);
    if (!passphrase) continue;
    options.passphrase = *passphrase;
    const bool kept =
        store_->save_last_good(record.domain.name, *record.served.certificate, *passphrase, options);
    cert::wipe(*passphrase);
    // A full disk stays full for a while: the rest would only fail alike.
    if (!kept) {
      to_save_.push_back(record.domain.name);
      return false;
    }
  }
  return !to_save_.empty();
}

}  // namespace arbortls::server
