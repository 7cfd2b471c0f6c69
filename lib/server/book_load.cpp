#include "server/book.hpp"

#include "config/load.hpp"
#include "server/domain_files.hpp"
#include "tls/automatic.hpp"

#include <unistd.h>

#include <array>
#include <utility>

namespace arbortls::server {
namespace {

void append(Problems& to, Problems from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

std::vector<std::string> default_names(const std::string& master) {
  std::vector<std::string> names{master};
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) {
    const auto name = domain::parse_name(host.data());
    if (name && *name != master) names.push_back(*name);
  }
  return names;
}

// `backend` of a domain found in domains_dir or of settings is checked by the configuration; this
// is the data.
backend::PoolOptions pool_options(const config::Backend& from) {
  backend::PoolOptions options;
  options.name = from.name;
  options.balance = static_cast<backend::Balance>(from.balance);
  options.send_proxy = static_cast<backend::SendProxy>(from.send_proxy);
  options.connect_early = from.connect == config::Connect::early;
  options.connect_timeout = from.connect_timeout;
  if (from.health_check) options.health_check = *from.health_check;
  return options;
}

void warn_of_late_settings(const config::Settings& before, const config::Settings& now,
                           Problems& problems) {
  const auto check = [&](const char* key, bool same) {
    if (!same)
      problems.push_back(
          {Severity::warning, {now.file, 0, 0}, key, "a change of it applies at the next start"});
  };
  check("state_dir", before.state_dir == now.state_dir);
  check("control_socket", before.control_socket == now.control_socket);
  check("context_cache", before.context_cache == now.context_cache);
  check("workers", before.workers.handshake == now.workers.handshake &&
                       before.workers.relay == now.workers.relay &&
                       before.workers.handshake_nice == now.workers.handshake_nice);
}

static_assert(static_cast<int>(backend::Balance::source_hash) ==
              static_cast<int>(config::Balance::source_hash));
static_assert(static_cast<int>(backend::SendProxy::v2) == static_cast<int>(config::SendProxy::v2));

}  // namespace

Book::Made Book::load(const std::string& config_file, const Book* before,
                      std::shared_ptr<Store> store, const WallClock& clock, Patience patience) {
  config::Parsed parsed = config::load(config_file);
  return load(std::move(parsed.settings), std::move(parsed.problems), before, std::move(store), clock,
              patience);
}

Book::Made Book::load(config::Settings settings, Problems problems, const Book* before,
                      std::shared_ptr<Store> store, const WallClock& clock, Patience patience) {
  std::unique_ptr<Book> book(new Book(std::move(settings), std::move(store), clock));
  book->chains_ = before != nullptr ? before->chains_ : std::make_shared<cert::ChainPool>();
  book->collect_domains(before, problems);
  book->make_backends(before, problems);
  book->load_certificates(before, patience);
  book->load_certdirs(before);
  book->make_tree(before, problems);
  if (has_errors(problems)) {
    book->add_certificate_problems(problems);
    return {nullptr, std::move(problems)};
  }
  book->take_over(before, std::move(problems));
  book->mend_chains();
  while (patience == until_all_are_read && book->has_pending()) book->load_pending({}, book->pending());
  return {std::move(book), {}};
}

// Whoever has to mend the configuration shall see the certificates' troubles at the same time.
void Book::add_certificate_problems(Problems& problems) const {
  for (const auto& [name, record] : records_) append(problems, record->served.problems);
  for (const Served& certdir : certdirs_) append(problems, certdir.problems);
}

void Book::take_over(const Book* before, Problems warnings) {
  if (before != nullptr) warn_of_late_settings(before->settings_, settings_, warnings);
  troubles_.set("", std::move(warnings));
  fallback_ = before != nullptr && before->fallback_
                  ? before->fallback_
                  : store_->default_certificate(default_names(settings_.master_domain), clock_());
  for (const auto& [name, record] : records_) {
    index(*record);
    note(name, record->served, record->settings_problems);
    if (record->served.pending) pending_.insert(name);
    if (!record->served.pending && (before == nullptr || !before->has_stored(name, record->served)))
      to_save_.insert(name);
  }
  for (std::size_t i = 0; i < certdirs_.size(); ++i) {
    const std::string key = certdir_key(settings_.listeners[i]);
    note(key, certdirs_[i], {});
    to_save_.insert(key);
  }
  news_.clear();  // whoever loads it shows them all
}

void Book::collect_domains(const Book* before, Problems& problems) {
  for (config::Domain& domain : settings_.domains) {
    if (domain.name.empty()) continue;  // its name was refused
    auto record = std::make_shared<Record>();
    record->domain = std::move(domain);
    record->in_main_file = true;
    record->settings_state = absent;
    record->has_source = record->domain.certificate_pem.has_value();
    if (record->has_source) record->pem_file = record->domain.certificate_pem->value.file;
    if (records_.emplace(record->domain.name, record).second) unread_.push_back(std::move(record));
  }
  settings_.domains.clear();
  if (!settings_.domains_dir) return;
  DomainsDir dir = list_domains_dir(settings_.domains_dir->value);
  append(problems, std::move(dir.problems));
  for (const auto& [name, files] : dir.domains) add_from_directory(before, name, files, problems);
}

void Book::add_from_directory(const Book* before, const std::string& name, DomainFiles files,
                              Problems& problems) {
  const auto known = records_.find(name);
  const bool in_main = known != records_.end();
  if (!in_main && before != nullptr && before->still_holds(name, files, settings_)) {
    records_.emplace(name, before->records_.at(name));
    return;
  }
  Reading reading = read_domain(settings_, name, files, in_main ? known->second.get() : nullptr);
  const bool broken = has_errors(reading.problems);
  append(problems, std::move(reading.problems));
  if (broken) {
    unreadable_.push_back(name);
    return;
  }
  auto record = std::make_shared<Record>(std::move(reading.record));
  if (in_main) std::erase(unread_, known->second);
  records_.insert_or_assign(name, record);
  unread_.push_back(std::move(record));
}

// What was there before is kept whole, so that this costs by what differs.
void Book::make_tree(const Book* before, Problems& problems) {
  const bool grows =
      before != nullptr && before->settings_.master_domain == settings_.master_domain;
  tls::Tree tree = grows ? before->tree_ : tls::Tree(settings_.master_domain);
  tree_is_checked_ = grows && before->tree_is_checked_;
  std::size_t stayed = 0;
  for (const auto& [name, record] : records_) {
    const Record* earlier = grows ? before->find(name) : nullptr;
    if (earlier != nullptr) ++stayed;
    if (earlier != nullptr && same_in_tree(*earlier, *record)) continue;
    if (earlier == nullptr || parent_of(*earlier) != parent_of(*record)) tree_is_checked_ = false;
    tree = std::move(tree).with(node_of(*record));
  }
  if (grows && stayed < before->records_.size()) {
    tree_is_checked_ = false;
    for (const auto& [name, record] : before->records_) {
      if (!records_.contains(name)) tree = tree.without(name);
    }
  }
  // Those below a domain that could not be read are no orphans: one complaint is enough.
  for (const std::string& name : std::exchange(unreadable_, {})) {
    if (tree.find(name) != nullptr) continue;
    auto node = std::make_shared<tls::Tree::Node>();
    node->name = name;
    tree = std::move(tree).with(std::move(node));
  }
  if (!settings_.master_domain.empty() && !std::exchange(tree_is_checked_, true))
    append(problems, tree.check());
  append(problems, tls::check_automatic(tree, settings_));
  tree_ = std::move(tree);
}

void Book::make_backends(const Book* before, Problems& problems) {
  for (const config::Backend& backend : settings_.backends) {
    std::vector<backend::ServerPtr> servers;
    for (const auto& server : backend.servers) {
      const auto addresses = net::Address::resolve(server.value);
      if (!addresses || addresses->empty()) {
        problems.push_back(
            {Severity::error, server.place, "backends." + backend.name,
             addresses ? "`" + server.value + "` has no address" : addresses.error().message});
        continue;
      }
      const std::string key =
          backend.name + " " + server.value + " " + addresses->front().to_string();
      backend::ServerPtr& kept = servers_[key];
      if (before != nullptr && before->servers_.contains(key)) kept = before->servers_.at(key);
      if (!kept) kept = std::make_shared<backend::Server>(server.value, addresses->front());
      servers.push_back(kept);
    }
    backend::PoolOptions options = pool_options(backend);
    for (const std::string& source : backend.source_addresses) {
      const auto address = net::Address::from_ip(source);
      if (address) options.sources.push_back(*address);
    }
    backends_[backend.name] =
        std::make_shared<backend::Pool>(std::move(options), std::move(servers));
  }
}

void Book::load_certdirs(const Book* before) {
  for (const config::Listener& listener : settings_.listeners) {
    const Served* earlier = nullptr;
    if (before != nullptr) {
      for (std::size_t i = 0; i < before->settings_.listeners.size(); ++i) {
        if (before->settings_.listeners[i].name == listener.name) earlier = &before->certdirs_[i];
      }
    }
    certdirs_.push_back(listener.certdir
                            ? load_certdir(listener.certdir->value, certdir_key(listener),
                                           listener.key_passphrase, earlier, context())
                            : Served{});
  }
}

}  // namespace arbortls::server
