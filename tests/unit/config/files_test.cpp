// What is committed in config/, and what comes from the table.
#include "base/file.hpp"
#include "config/keys.hpp"
#include "config/load.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <set>

namespace arbortls::config {
namespace {

// tests/unit/config/files_test.cpp -> the project's config/.
std::string committed(const std::string& name) {
  const auto here = std::filesystem::path(__FILE__);
  return (here.parent_path() / "../../../config" / name).lexically_normal().string();
}

void for_each_key(Keys keys, const std::function<void(const Key&)>& f) {
  for (const Key& key : keys) {
    f(key);
    if (key.children != nullptr) for_each_key(key.children(), f);
  }
}

class Directory {
 public:
  Directory() {
    char name[] = "/tmp/arbortls_config_XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name, const std::string& content) const {
    REQUIRE(write_file_atomically(path_ + "/" + name, content, 0600).has_value());
    return path_ + "/" + name;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("the committed reference is what the table says", "[config]") {
  const std::string file = committed("reference.md");
  if (std::getenv("ARBORTLS_WRITE_REFERENCE") != nullptr) {
    REQUIRE(write_file_atomically(file, reference_markdown(), 0644).has_value());
  }
  const auto text = read_file(file, 1u << 20);
  REQUIRE(text.has_value());
  INFO("to write it anew: ARBORTLS_WRITE_REFERENCE=1 "
       << "unit_config");
  CHECK(*text == reference_markdown());
}

TEST_CASE("the example loads as it stands", "[config]") {
  const Parsed parsed = load(committed("arbortls.yaml"));
  CHECK(test::lines(parsed.problems) == std::vector<std::string>{});
  CHECK(parsed.settings.listeners.size() == 2);
  CHECK(parsed.settings.domains.size() == 2);
  CHECK(parsed.settings.backends.size() == 2);
}

TEST_CASE("the reference has a row for every key, and every row says what the key means",
          "[config]") {
  const std::string reference = reference_markdown();
  const auto check = [&](const Key& key) {
    CAPTURE(key.name);
    CHECK(reference.find("| `" + std::string(key.name) + "` |") != std::string::npos);
    CHECK(!key.help.empty());
    CHECK(!key.help.ends_with('.'));
    CHECK(!key.type().empty());
  };
  for_each_key(top_keys(), check);
  for_each_key(inherited_keys(), check);
  for_each_key(tls_listener_keys(), check);
  for_each_key(http_listener_keys(), check);
  for_each_key(automatic_keys(), check);
  for_each_key(domain_name_keys(), check);
}

TEST_CASE("no section knows a key twice", "[config]") {
  using Sections = std::vector<Keys>;
  for (const Sections& sections :
       {Sections{domain_name_keys(), domain_keys(), inherited_keys(), automatic_keys()},
        Sections{listener_keys(), tls_listener_keys(), http_listener_keys(), inherited_keys()}}) {
    std::set<std::string_view> names;
    for (const Keys keys : sections) {
      for (const Key& key : keys) CHECK(names.insert(key.name).second);
    }
  }
}

TEST_CASE("a default of the reference, written out, changes nothing", "[config]") {
  const auto text = [](const Key& key) {
    const bool is_word = key.need == Need::optional && key.children == nullptr &&
                         !key.default_text.empty() && key.default_text != "none" &&
                         key.default_text.find_first_of(" `") == key.default_text.npos;
    return is_word ? std::string(key.name) + ": " + std::string(key.default_text) : std::string();
  };
  const auto section = [&](Keys keys) {
    std::string all;
    for (const Key& key : keys) {
      if (!text(key).empty()) all += text(key) + ", ";
    }
    return all;
  };
  std::string top;
  for (const Key& key : top_keys()) top += text(key) + "\n";
  const Parsed parsed =
      parse("master_domain: a.example\n" + top + "log: {" + section(log_keys()) + "}\nworkers: {" +
                section(worker_keys()) + "}\nlimits: {" + section(limit_keys()) + "}\nwatch: {" + section(watch_keys()) +
                "}\nexpiry: {" + section(expiry_keys()) + "}\nhooks: {" + section(hook_keys()) + "}\nauthority: {" +
                section(authority_keys()) + "}\ndomains: [{name: d.a.example, " + section(automatic_keys()) +
                "}]\nlisteners: [{address: \"h:1\", " + section(listener_keys()) + section(tls_listener_keys()) +
                "}, {address: \"h:2\", kind: http_redirect, " + section(http_listener_keys()) +
                "}]\nbackends: [{name: b, " + section(backend_keys()) + "servers: [\"h:1\"]}]\n",
            "f");
  CHECK(!has_errors(parsed.problems));
  const Settings& s = parsed.settings;
  const Settings d;
  CHECK(s.state_dir == d.state_dir);
  CHECK(s.control_socket == d.control_socket);
  CHECK(s.log.level == d.log.level);
  CHECK(s.log.format == d.log.format);
  CHECK(s.workers.handshake == d.workers.handshake);
  CHECK(s.workers.relay == d.workers.relay);
  CHECK(s.workers.handshake_nice == d.workers.handshake_nice);
  CHECK(s.limits.connection_burst_per_address == d.limits.connection_burst_per_address);
  CHECK(s.drain_timeout == d.drain_timeout);
  CHECK(s.watch_settle == d.watch_settle);
  CHECK(s.watch_poll == d.watch_poll);
  CHECK(s.context_cache == d.context_cache);
  CHECK(s.ticket_lifetime == d.ticket_lifetime);
  CHECK(s.strict_key_permissions == d.strict_key_permissions);
  CHECK(s.complete_chains == d.complete_chains);
  const Listener l;
  CHECK(s.listeners.at(0).role == l.role);
  CHECK(s.listeners.at(0).backlog == l.backlog);
  CHECK(s.listeners.at(0).handshake_timeout == l.handshake_timeout);
  CHECK(s.listeners.at(0).proxy_header_timeout == l.proxy_header_timeout);
  CHECK(s.listeners.at(0).handshake_patience == l.handshake_patience);
  const HttpListener h;
  CHECK(s.http_listeners.at(0).redirect_to == h.redirect_to);
  CHECK(s.http_listeners.at(0).trust_page == h.trust_page);
  CHECK(s.expiry.info == d.expiry.info);
  CHECK(s.expiry.warning == d.expiry.warning);
  CHECK(s.authority.lifetime == d.authority.lifetime);
  CHECK(s.authority.root_lifetime == d.authority.root_lifetime);
  CHECK(s.acme_orders_per_3h == d.acme_orders_per_3h);
  const Backend b;
  CHECK(s.backends.at(0).balance == b.balance);
  CHECK(s.backends.at(0).send_proxy == b.send_proxy);
  CHECK(s.backends.at(0).connect == b.connect);
  CHECK(s.backends.at(0).connect_timeout == b.connect_timeout);
}

TEST_CASE("a file that cannot be read is one problem that says why", "[config]") {
  const Directory directory;
  for (const std::string& file : {directory.path() + "/none.yaml", directory.path()}) {
    const Parsed parsed = load(file);
    CHECK(parsed.settings.file == file);
    REQUIRE(parsed.problems.size() == 1);
    CHECK(has_errors(parsed.problems));
    CHECK(to_string(parsed.problems[0]).starts_with(file + ": "));
  }
}

TEST_CASE("a file is loaded with paths relative to its own directory", "[config]") {
  const Directory directory;
  const std::string file = directory.file("a.yaml", test::sound() + "state_dir: ./state\n");
  const Parsed parsed = load(file);
  CHECK(test::lines(parsed.problems) == std::vector<std::string>{});
  CHECK(parsed.settings.state_dir == directory.path() + "/state");
}

}  // namespace arbortls::config
