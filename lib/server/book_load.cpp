#include "server/book.hpp"

#include "base/file.hpp"
#include "config/load.hpp"
#include "server/domains_dir.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <utility>

namespace arbortls::server {
namespace {

constexpr std::size_t max_domain_file = 1024 * 1024;

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

// `backend` of a domain found in domains_dir or of settings is checked by the configuration; this is the data.
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

static_assert(static_cast<int>(backend::Balance::source_hash) ==
              static_cast<int>(config::Balance::source_hash));
static_assert(static_cast<int>(backend::SendProxy::v2) == static_cast<int>(config::SendProxy::v2));

}  // namespace

Book::Made Book::load(const std::string& config_file, const Book* before,
                      std::shared_ptr<Store> store, const WallClock& clock) {
  config::Parsed parsed = config::load(config_file);
  return load(std::move(parsed.settings), std::move(parsed.problems), before, std::move(store), clock);
}

Book::Made Book::load(config::Settings settings, Problems problems, const Book* before,
                      std::shared_ptr<Store> store, const WallClock& clock) {
  std::unique_ptr<Book> book(new Book(std::move(settings), std::move(store), clock));
  book->chains_ = before != nullptr ? before->chains_ : std::make_shared<cert::ChainPool>();
  book->collect_domains(problems);
  book->make_backends(before, problems);
  book->make_tree(problems);
  book->load_certificates(before);
  book->load_certdirs(before);
  if (has_errors(problems)) {
    // Whoever has to mend the configuration shall see the certificates' troubles at the same time.
    for (const auto& [name, record] : book->records_) append(problems, record.served.problems);
    for (const Served& certdir : book->certdirs_) append(problems, certdir.problems);
    return {nullptr, std::move(problems)};
  }
  book->config_warnings_ = std::move(problems);
  book->fallback_ = before != nullptr && before->fallback_
                        ? before->fallback_
                        : book->store_->default_certificate(
                              default_names(book->settings_.master_domain), clock());
  tls::Tree tree(book->settings_.master_domain);
  for (const auto& [name, record] : book->records_) tree = std::move(tree).with(node_of(record));
  book->tree_ = std::move(tree);
  book->index_files();
  return {std::move(book), {}};
}

void Book::collect_domains(Problems& problems) {
  for (config::Domain& domain : settings_.domains) {
    if (domain.name.empty()) continue;  // its name was refused
    Record record;
    record.domain = std::move(domain);
    record.in_main_file = true;
    record.has_source = record.domain.certificate_pem.has_value();
    if (record.has_source) record.pem_file = record.domain.certificate_pem->value.file;
    const std::string name = record.domain.name;
    records_.emplace(name, std::move(record));
  }
  settings_.domains.clear();
  if (!settings_.domains_dir) return;
  DomainsDir dir = list_domains_dir(settings_.domains_dir->value);
  append(problems, std::move(dir.problems));
  for (const auto& [name, files] : dir.domains) add_from_directory(name, files.yaml, files.pem, problems);
}

void Book::add_from_directory(const std::string& name, bool yaml, bool pem, Problems& problems) {
  const std::string base = settings_.domains_dir->value + "/" + name;
  const auto known = records_.find(name);
  if (yaml && known != records_.end()) {
    problems.push_back({Severity::error, {base + ".yaml", 0, 0}, name,
                        "the domain stands in " + known->second.domain.place.file +
                            " already; keep one of the two"});
    return;
  }
  Record fresh;
  fresh.domain.name = name;
  fresh.domain.place = {base + (yaml ? ".yaml" : ".pem"), 0, 0};
  if (yaml) {
    const auto text = read_file(base + ".yaml", max_domain_file);
    if (!text) {
      problems.push_back({Severity::error, {base + ".yaml", 0, 0}, name, text.error().message});
      return;
    }
    auto parsed = config::parse_domain(*text, base + ".yaml", name, settings_);
    const bool broken = has_errors(parsed.problems);
    append(problems, std::move(parsed.problems));
    if (broken) return;
    fresh.domain = std::move(parsed.domain);
    fresh.has_source = fresh.domain.certificate_pem.has_value();
    if (fresh.has_source) fresh.pem_file = fresh.domain.certificate_pem->value.file;
  }
  Record& record = known != records_.end() ? known->second : fresh;
  if (pem && record.has_source) {
    problems.push_back({Severity::error, {base + ".pem", 0, 0}, name,
                        "the domain has a certificate_pem in " + record.domain.place.file +
                            " already; keep one of the two"});
    return;
  }
  if (pem) {
    record.has_source = true;
    record.pem_file = base + ".pem";
  }
  if (known == records_.end()) records_.emplace(name, std::move(fresh));
}

void Book::make_tree(Problems& problems) {
  tls::Tree tree(settings_.master_domain);
  for (const auto& [name, record] : records_) tree = std::move(tree).with(node_of(record));
  append(problems, tree.check());
}

void Book::make_backends(const Book* before, Problems& problems) {
  for (const config::Backend& backend : settings_.backends) {
    std::vector<backend::ServerPtr> servers;
    for (const auto& server : backend.servers) {
      const auto addresses = net::Address::resolve(server.value);
      if (!addresses || addresses->empty()) {
        problems.push_back({Severity::error, server.place, "backends." + backend.name,
                            addresses ? "`" + server.value + "` has no address" : addresses.error().message});
        continue;
      }
      const std::string key = backend.name + " " + server.value + " " + addresses->front().to_string();
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
    backends_[backend.name] = std::make_shared<backend::Pool>(std::move(options), std::move(servers));
  }
}

void Book::load_certificates(const Book* before) {
  std::vector<Record*> work;
  for (auto& [name, record] : records_) work.push_back(&record);
  std::atomic<std::size_t> next{0};
  const LoadContext context = this->context();
  const auto run = [&] {
    for (std::size_t at = next++; at < work.size(); at = next++) {
      Record& record = *work[at];
      const Served* earlier = nullptr;
      if (before != nullptr) {
        const auto found = before->records_.find(record.domain.name);
        if (found != before->records_.end()) earlier = &found->second.served;
      }
      load_certificate(record, earlier, context);
    }
  };
  const std::size_t threads =
      std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), work.size() / 64 + 1);
  std::vector<std::thread> helpers;
  for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(run);
  run();
  for (std::thread& helper : helpers) helper.join();
  for (const Record* record : work) to_save_.push_back(record->domain.name);
}

void Book::load_certdirs(const Book* before) {
  for (const config::Listener& listener : settings_.listeners) {
    const Served* earlier = nullptr;
    if (before != nullptr) {
      for (std::size_t i = 0; i < before->settings_.listeners.size(); ++i) {
        if (before->settings_.listeners[i].name == listener.name) earlier = &before->certdirs_[i];
      }
    }
    certdirs_.push_back(listener.certdir ? load_certdir(listener.certdir->value, "listener " + listener.name,
                                                        listener.key_passphrase, earlier, context())
                                         : Served{});
  }
}

void Book::index_record(const Record& record) {
  if (!record.pem_file.empty()) users_of_file_.emplace(record.pem_file, record.domain.name);
  if (record.domain.key_passphrase) {
    users_of_file_.emplace(record.domain.key_passphrase->value.file, record.domain.name);
  }
}

void Book::index_files() {
  for (const auto& [name, record] : records_) index_record(record);
}

}  // namespace arbortls::server
