#pragma once
// The Book is everything loaded: the configuration, each domain's record, the certdirs, the backends. From it
// Snapshots are made. Start, reload and the watcher go through it. It blocks on files: the keeper's thread only.

#include "base/problem.hpp"
#include "config/settings.hpp"
#include "server/record.hpp"
#include "server/store.hpp"
#include "session/snapshot.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace arbortls::server {

using WallClock = std::function<std::int64_t()>;  // Unix seconds

class Book {
 public:
  struct Made {
    std::unique_ptr<Book> book;  // null if the configuration has errors
    Problems problems;           // of the configuration; a book's own are in Book::problems()
  };

  // Reads the configuration and all it names. `before` is the book in force, or null: what has not changed is shared
  // with it, and what is broken now keeps its last good certificate. Errors of the configuration make no book; a
  // certificate's never prevent one.
  static Made load(const std::string& config_file, const Book* before, std::shared_ptr<Store> store,
                   const WallClock& clock);
  // For the settings that are needed before anything else.
  static Made load(config::Settings settings, Problems problems, const Book* before,
                   std::shared_ptr<Store> store, const WallClock& clock);

  // Looks at these domains and certdirs again. Returns whether a snapshot would differ.
  bool refresh(const std::vector<std::string>& paths);
  bool refresh_everything();

  const config::Settings& settings() const noexcept { return settings_; }
  const std::unordered_map<std::string, Record>& records() const noexcept { return records_; }
  const tls::Tree& tree() const noexcept { return tree_; }

  session::SnapshotPtr snapshot() const;
  // Certificates that are not what their source says, expired ones, structural trouble; sorted by key.
  Problems problems() const;

  std::vector<std::string> watched_directories() const;
  std::vector<std::string> watched_files() const;

  // Domains (and listeners) whose certificate the store does not hold yet; saves up to `count` of them.
  // Returns whether more are left.
  bool save_last_good(std::size_t count);

 private:
  Book(config::Settings settings, std::shared_ptr<Store> store, WallClock clock);

  // book_load.cpp
  void collect_domains(Problems& problems);
  void add_from_directory(const std::string& name, bool yaml, bool pem, Problems& problems);
  void load_certificates(const Book* before);
  void load_certdirs(const Book* before);
  void make_backends(const Book* before, Problems& problems);
  void make_tree(Problems& problems);
  void index_files();

  // book_refresh.cpp
  bool refresh_domain(const std::string& name);
  bool refresh_certdir(std::size_t listener);
  bool remove_domain(const std::string& name);
  bool replace_domain(Record record);
  void index_record(const Record& record);

  LoadContext context() const;
  static tls::Tree::NodePtr node_of(const Record& record);

  config::Settings settings_;
  std::shared_ptr<Store> store_;
  WallClock clock_;
  std::shared_ptr<cert::ChainPool> chains_;
  std::unordered_map<std::string, Record> records_;
  std::unordered_map<std::string, Problems> homeless_;  // files that could not become a domain, by name
  std::vector<Served> certdirs_;                        // as many as settings_.listeners
  std::unordered_multimap<std::string, std::string> users_of_file_;  // file -> domain
  std::map<std::string, backend::PoolPtr, std::less<>> backends_;
  std::unordered_map<std::string, backend::ServerPtr> servers_;
  tls::Tree tree_{std::string()};
  cert::CertificatePtr fallback_;
  Problems config_warnings_;
  Problems directory_problems_;
  std::vector<std::string> to_save_;
};

}  // namespace arbortls::server
