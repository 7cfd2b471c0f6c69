#pragma once
// The Book is everything loaded: the configuration, each domain's record, the certdirs, the
// backends. From it Snapshots are made. Start, reload and the watcher go through it. It blocks on
// files: the keeper's thread only. A change of one domain costs by the tree's depth, not by its
// size.

#include "base/problem.hpp"
#include "config/settings.hpp"
#include "server/domain_files.hpp"
#include "server/record.hpp"
#include "server/store.hpp"
#include "server/troubles.hpp"
#include "session/snapshot.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace arbortls::server {

using WallClock = std::function<std::int64_t()>;  // Unix seconds

// How long load() reads certificates. Those that are left then are pending until load_pending() has
// read them.
using Patience = std::chrono::milliseconds;
inline constexpr Patience until_all_are_read = Patience::max();
inline constexpr Patience a_moment{250};

class Book {
 public:
  struct Made {
    std::unique_ptr<Book> book;  // null if the configuration has errors
    Problems
        problems;  // then all of them, the certificates' too; a book's own are in Book::problems()
  };

  // Reads the configuration and all it names. `before` is the book in force, or null: what has not
  // changed is shared with it, and what is broken now keeps its last good certificate. Errors of
  // the configuration make no book; a certificate's never prevent one.
  static Made load(const std::string& config_file, const Book* before, std::shared_ptr<Store> store,
                   const WallClock& clock, Patience patience = until_all_are_read);
  // For the settings that are needed before anything else.
  static Made load(config::Settings settings, Problems problems, const Book* before,
                   std::shared_ptr<Store> store, const WallClock& clock,
                   Patience patience = until_all_are_read);

  // Reads pending certificates: of these domains where there are any, else `count` others. Returns
  // whether a snapshot would differ.
  bool load_pending(std::vector<std::string> wanted, std::size_t count);
  bool has_pending() const noexcept { return !pending_.empty(); }
  std::size_t pending() const noexcept { return pending_.size(); }

  // Looks again at what these paths, as the watcher tells them, belong to. Returns whether a
  // snapshot would differ.
  bool refresh(const std::vector<std::string>& paths);
  // Looks at everything, but reads only the files that differ by stat(2) from when they were read.
  bool refresh_everything();
  // Once a minute: certificates that have ended since, broken ones that time alone may mend. As
  // refresh().
  bool upkeep();

  const config::Settings& settings() const noexcept { return settings_; }
  const std::unordered_map<std::string, RecordPtr>& records() const noexcept { return records_; }
  const std::vector<Served>& certdirs() const noexcept {
    return certdirs_;
  }  // as many as settings().listeners
  const tls::Tree& tree() const noexcept { return tree_; }
  std::size_t certificates() const noexcept {
    return certificates_;
  }  // domains that have one of their own

  session::SnapshotPtr snapshot() const;
  // Certificates that are not what their source says, expired ones, structural trouble, and the
  // store's.
  Troubles troubles() const;
  Problems problems() const { return troubles().all(); }

  // What has become wrong since the last call, for the log.
  Problems take_news() { return std::exchange(news_, {}); }

  // What the watcher is to watch. The directories stay as they are; watched_version() differs when
  // the files do.
  std::vector<std::string> watched_directories() const;
  std::vector<std::string> watched_files() const;
  std::uint64_t watched_version() const noexcept { return watched_version_; }

  // Brings up to `count` last good certificates in the store up to date. Returns whether more are
  // left to be tried.
  bool save_last_good(std::size_t count);
  std::size_t unsaved() const noexcept { return to_save_.size(); }  // that are still to be tried

 private:
  enum class Look { always, if_changed };

  Book(config::Settings settings, std::shared_ptr<Store> store, WallClock clock);

  // book.cpp
  LoadContext context() const;
  static tls::Tree::NodePtr node_of(const Record& record);
  void note(const std::string& key, const Served& served, const Problems& others);
  void show(const std::string& key, Problems problems);
  void index(const Record& record);
  void forget(const Record& record);

  // book_load.cpp
  void collect_domains(const Book* before, Problems& problems);
  void add_from_directory(const Book* before, const std::string& name, DomainFiles files,
                          Problems& problems);
  void load_certdirs(const Book* before);
  void make_backends(const Book* before, Problems& problems);
  void make_tree(const Book* before, Problems& problems);
  void take_over(const Book* before, Problems warnings);
  void add_certificate_problems(Problems& problems) const;

  // book_certificates.cpp
  void load_certificates(const Book* before, Patience patience);
  const Record* find(const std::string& name) const;
  bool still_holds(const std::string& name, DomainFiles files, const config::Settings& now) const;
  bool mend_chains();

  // book_refresh.cpp
  void find_users(const std::string& path, std::set<std::string>& names,
                  std::set<std::size_t>& certdirs);
  void look_at_odd_file(const std::string& path);
  std::optional<std::unordered_map<std::string, DomainFiles>> list_domains();  // of domains_dir, if it can be
  bool is_as_read(const Record& record, DomainFiles files) const;
  bool refresh_domain(const std::string& name, Look look);
  bool refresh_domain(const std::string& name, DomainFiles files, Look look);
  bool refresh_certdir(std::size_t listener);
  bool remove_domain(const std::string& name);
  bool replace_domain(Record record);
  bool refuse(const std::string& name, Problems problems);
  bool holds_up_others(const std::string& name) const;
  bool retry_refused();

  // book_save.cpp
  bool has_stored(const std::string& name, const Served& served) const;
  bool save_one(const std::string& key);
  bool save(const std::string& key, const Served& served,
            const std::optional<config::Located<config::SecretSource>>& passphrase);

  config::Settings settings_;
  std::shared_ptr<Store> store_;
  WallClock clock_;
  std::shared_ptr<cert::ChainPool> chains_;
  std::unordered_map<std::string, RecordPtr> records_;
  std::vector<Served> certdirs_;  // as many as settings_.listeners
  std::map<std::string, backend::PoolPtr, std::less<>> backends_;
  std::unordered_map<std::string, backend::ServerPtr> servers_;
  tls::Tree tree_{std::string()};
  bool tree_is_checked_ = false;  // as a whole; checks of one change leave depths below it out
  cert::CertificatePtr fallback_;
  std::size_t certificates_ = 0;
  std::size_t automatic_ = 0;  // domains that say something of certificates that are made for them

  Troubles troubles_;
  Problems news_;
  std::set<std::string> expired_;    // keys of troubles_
  std::set<std::string> broken_;     // keys whose certificate cannot be used as it stands
  std::set<std::string> refused_;    // domains whose change the tree's structure does not allow yet
  std::set<std::string> odd_files_;  // files in domains_dir that no domain can be made of
  std::string next_broken_;          // where upkeep goes on

  std::unordered_map<std::string, std::vector<std::string>>
      users_of_file_;  // beside NAME.pem -> domains
  std::uint64_t watched_version_ = 0;
  std::unordered_map<std::string, std::size_t> parents_;  // explicit ones -> how often
  std::vector<std::string> unreadable_;  // domains that exist but could not be loaded
  std::set<std::string> to_save_;
  std::unordered_set<std::string> pending_;  // domains whose certificate is still to be read
  std::vector<std::shared_ptr<Record>> unread_;  // of records_, while they are loaded
  bool swept_ = false;
};

}  // namespace arbortls::server
