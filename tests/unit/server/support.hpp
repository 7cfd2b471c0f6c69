#pragma once
// A configuration in a directory of its own, certificates in it, and books loaded from it.

#include "server/book.hpp"
#include "server/file_state.hpp"
#include "support/test_ca.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace arbortls::server::test {

namespace fs = std::filesystem;
using arbortls::test::day;
using arbortls::test::test_now;
using arbortls::test::TestCa;
using arbortls::test::Wanted;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "arbortls-server-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root_ = fs::canonical(pattern);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (root_ / name).string(); }
  bool has(const std::string& name) const { return fs::exists(fs::symlink_status(path(name))); }
  std::string read(const std::string& name) const {
    std::ifstream in(path(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // In place, 0600.
  void write(const std::string& name, const std::string& content) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name)) << content;
    ::chmod(path(name).c_str(), 0600);
  }
  // Beside it, then renamed over.
  void replace(const std::string& name, const std::string& content) const {
    write(name + ".tmp", content);
    fs::rename(path(name + ".tmp"), path(name));
  }
  void remove(const std::string& name) const { fs::remove_all(path(name)); }
  void make(const std::string& name) const { fs::create_directories(path(name)); }

 private:
  fs::path root_;
};

inline const TestCa& ca() {
  static const TestCa made;
  return made;
}

inline std::string bundle(const arbortls::test::Identity& identity) {
  return arbortls::test::key_pem(identity) + arbortls::test::pem(identity) +
         arbortls::test::chain_pem(ca());
}
inline std::string certificate_for(const std::string& name) { return bundle(ca().leaf(name)); }
inline std::string certificate_until(const std::string& name, std::int64_t not_after) {
  Wanted wanted;
  wanted.common_name = name;
  wanted.names = {name};
  wanted.not_before = test_now - 30 * day;
  wanted.not_after = not_after;
  return bundle(ca().leaf(wanted));
}

// A text as the value of a YAML key.
inline std::string block(const std::string& text, const std::string& indent) {
  std::string out = "|\n" + indent;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += indent;
  }
  return out + "\n";
}

inline const std::string broken_pem =
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

// master.test with a domains_dir, one listener on a UNIX socket, no certificates yet.
class Site {
 public:
  Site() {
    folder.make("domains");
    config("");
  }

  // `more` stands behind the common keys; where it has no listeners there is one without a certdir.
  void config(const std::string& more) const {
    const bool own = more.find("listeners:") != std::string::npos;
    folder.write(
        "arbortls.yaml",
        "master_domain: master.test\nstate_dir: state\ncontrol_socket: control.sock\n"
        "domains_dir: domains\nbackends:\n  - name: web\n    servers: [\"127.0.0.1:1\"]\n" +
            more +
            (own ? ""
                 : "listeners: [{name: l, role: ws, address: \"unix:l.sock\", backend: web}]\n"));
  }
  void pem(const std::string& name, const std::string& text) const {
    folder.replace("domains/" + name + ".pem", text);
  }
  void yaml(const std::string& name, const std::string& text) const {
    folder.replace("domains/" + name + ".yaml", text);
  }
  std::string domain_file(const std::string& file) const { return folder.path("domains/" + file); }

  Book::Made load(const Book* before = nullptr, Patience patience = until_all_are_read) {
    store->prepare();
    return Book::load(folder.path("arbortls.yaml"), before, store, [this] { return now; }, patience);
  }
  std::unique_ptr<Book> book(const Book* before = nullptr, Patience patience = until_all_are_read) {
    Book::Made made = load(before, patience);
    for (const Problem& problem : made.problems) UNSCOPED_INFO(to_string(problem));
    REQUIRE(made.book != nullptr);
    return std::move(made.book);
  }
  // What a daemon that starts anew finds.
  void restart() {
    store = std::make_shared<Store>(folder.path("state"), Store::Access::read_write);
  }

  Folder folder;
  std::int64_t now = test_now;
  std::shared_ptr<Store> store =
      std::make_shared<Store>(folder.path("state"), Store::Access::read_write);
};

// A change of one file of domains_dir, as the watcher tells it. Returns whether a snapshot differs.
inline bool changed(const Site& site, Book& book, const std::string& file) {
  return book.refresh({site.domain_file(file)});
}

inline cert::CertificatePtr served(const Book& book, const std::string& name) {
  const auto found = book.records().find(name);
  return found != book.records().end() ? found->second->served.certificate : nullptr;
}
inline cert::CertificatePtr in_tree(const Book& book, const std::string& name) {
  const tls::Tree::Node* node = book.tree().find(name);
  return node != nullptr ? node->value.certificate : nullptr;
}
// The problems of one key as text, a line each.
inline std::string told(const Troubles& troubles, const std::string& key) {
  std::string text;
  if (const Problems* problems = troubles.find(key)) {
    for (const Problem& problem : *problems) text += to_string(problem) + "\n";
  }
  return text;
}
inline std::string told(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) text += to_string(problem) + "\n";
  return text;
}
// Until its times tell whether it changes again.
inline void let_settle(const std::string& file) {
  while (state_of(file) == unsure) ::usleep(1000);
}
inline void save_all(Book& book) {
  while (book.save_last_good(16)) {
  }
}

}  // namespace arbortls::server::test
