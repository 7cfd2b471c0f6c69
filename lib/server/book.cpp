#include "server/book.hpp"

#include "config/describe.hpp"
#include "server/limits.hpp"

#include <algorithm>
#include <utility>

namespace arbortls::server {
namespace {

bool is_file_of_dir(const std::string& file, const std::string& directory) {
  return file.size() > directory.size() && file.starts_with(directory) &&
         file[directory.size()] == '/' && file.find('/', directory.size() + 1) == std::string::npos;
}

}  // namespace

Book::Book(config::Settings settings, std::shared_ptr<Store> store, WallClock clock)
    : settings_(std::move(settings)), store_(std::move(store)), clock_(std::move(clock)) {}

LoadContext Book::context() const {
  return {store_.get(), chains_.get(), clock_(), settings_.strict_key_permissions, settings_.complete_chains};
}

tls::Tree::NodePtr Book::node_of(const Record& record) {
  auto node = std::make_shared<tls::Tree::Node>();
  node->name = record.domain.name;
  node->parent = parent_of(record);
  node->place = record.domain.place;
  node->value.certificate = record.served.certificate;
  node->value.pending = record.served.pending && !record.served.certificate;
  node->value.own = record.served.own;
  const config::Inherited& inherited = record.domain.inherited;
  if (config::sets_any(inherited)) node->value.inherited = std::make_shared<config::Inherited>(inherited);
  return node;
}

session::SnapshotPtr Book::snapshot() const {
  auto snapshot = std::make_shared<session::Snapshot>();
  snapshot->site.tree = tree_;
  snapshot->site.fallback = fallback_;
  snapshot->site.automatic = automatic_ > 0;
  snapshot->backends = backends_;
  snapshot->admission = admission_rules(settings_.limits);
  for (std::size_t i = 0; i < settings_.listeners.size(); ++i) {
    const config::Listener& listener = settings_.listeners[i];
    snapshot->site.listeners.push_back(
        {listener.name, listener.role, certdirs_[i].certificate, listener.inherited});
    session::ListenerRules rules;
    for (const auto& network : listener.accept_proxy) rules.accept_proxy.add(network.value);
    rules.handshake_timeout = listener.handshake_timeout;
    rules.proxy_header_timeout = listener.proxy_header_timeout;
    rules.handshake_patience = listener.handshake_patience;
    snapshot->rules.push_back(std::move(rules));
  }
  return snapshot;
}

Troubles Book::troubles() const {
  Troubles troubles = troubles_;
  troubles.set(settings_.state_dir, store_->warnings());
  return troubles;
}

void Book::note(const std::string& key, const Served& served, const Problems& others) {
  Problems all = others;
  all.insert(all.end(), served.problems.begin(), served.problems.end());
  if (served.certificate && served.certificate->expired_at(clock_())) {
    expired_.insert(key);
    all.push_back({Severity::warning, {}, key, "certificate: what is served has expired"});
  } else {
    expired_.erase(key);
  }
  if (has_errors(served.problems)) {
    broken_.insert(key);
  } else {
    broken_.erase(key);
  }
  show(key, std::move(all));
}

void Book::show(const std::string& key, Problems problems) {
  const Problems* known = troubles_.find(key);
  if (known == nullptr && problems.empty()) return;
  for (const Problem& problem : problems) {
    const bool old =
        known != nullptr && std::any_of(known->begin(), known->end(), [&](const Problem& other) {
          return other.message == problem.message;
        });
    if (!old) news_.push_back(problem);
  }
  troubles_.set(key, std::move(problems));
}

void Book::index(const Record& record) {
  if (record.served.certificate) ++certificates_;
  if (record.domain.inherited.automatic) ++automatic_;
  if (record.domain.parent) ++parents_[record.domain.parent->value];
  const auto use = [&](const std::string& file) {
    std::vector<std::string>& users = users_of_file_[file];
    if (users.empty()) ++watched_version_;
    users.push_back(record.domain.name);
  };
  // NAME.pem says itself whose it is.
  if (record.domain.certificate_pem && !record.pem_file.empty()) use(record.pem_file);
  if (record.domain.key_passphrase) use(record.domain.key_passphrase->value.file);
}

void Book::forget(const Record& record) {
  pending_.erase(record.domain.name);
  if (record.served.certificate) --certificates_;
  if (record.domain.inherited.automatic) --automatic_;
  if (record.domain.parent) {
    const auto parent = parents_.find(record.domain.parent->value);
    if (--parent->second == 0) parents_.erase(parent);
  }
  const auto drop = [&](const std::string& file) {
    const auto found = users_of_file_.find(file);
    std::vector<std::string>& users = found->second;
    users.erase(std::find(users.begin(), users.end(), record.domain.name));
    if (!users.empty()) return;
    users_of_file_.erase(found);
    ++watched_version_;
  };
  if (record.domain.certificate_pem && !record.pem_file.empty()) drop(record.pem_file);
  if (record.domain.key_passphrase) drop(record.domain.key_passphrase->value.file);
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
  for (const auto& [file, users] : users_of_file_) {
    // The directory's own watch sees its files, links too.
    if (!settings_.domains_dir || !is_file_of_dir(file, settings_.domains_dir->value))
      files.push_back(file);
  }
  for (const config::Listener& listener : settings_.listeners) {
    if (listener.certdir && listener.key_passphrase)
      files.push_back(listener.key_passphrase->value.file);
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace arbortls::server
