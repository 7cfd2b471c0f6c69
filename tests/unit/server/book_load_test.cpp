#include "unit/server/support.hpp"

#include "config/load.hpp"

using namespace arbortls::server;
using namespace arbortls::server::test;
using arbortls::Problem;
using Catch::Matchers::Contains;

TEST_CASE("a book holds the domains of the file and of the directory with their certificates",
          "[server]") {
  Site site;
  site.config("domains:\n  - name: inline.test\n    certificate_pem: " +
              block(certificate_for("inline.test"), "      ") +
              "  - name: master.test\n    backend: web\n");
  site.pem("a.test", certificate_for("a.test"));
  site.yaml("b.test", "parent: a.test\ncertificate_pem: file:" + site.folder.path("b.pem") + "\n");
  site.folder.write("b.pem", certificate_for("b.test"));
  site.yaml("c.test", "backend: web\n");
  const auto book = site.book();
  CHECK(book->records().size() == 5);
  CHECK(book->certificates() == 3);
  for (const char* name : {"inline.test", "a.test", "b.test"}) {
    INFO(name);
    REQUIRE(served(*book, name));
    CHECK(served(*book, name)->covers(name));
    CHECK(in_tree(*book, name) == served(*book, name));
  }
  CHECK_FALSE(served(*book, "c.test"));
  CHECK(book->tree().parent(*book->tree().find("b.test"))->name == "a.test");
  CHECK(told(book->problems()).find("error") == std::string::npos);
  CHECK(book->snapshot()->site.fallback);
}

TEST_CASE("an inline text is wiped whether its certificate can be used or not", "[server]") {
  const auto text = GENERATE(as<int>{}, 0, 1, 2);
  Site site;
  const std::string good = certificate_for("a.test");
  const std::string passphrase = text == 2 ? "    key_passphrase: file:/nowhere/secret\n" : "";
  site.config("domains:\n  - name: a.test\n" + passphrase +
              "    certificate_pem: " + block(text == 1 ? broken_pem : good, "      "));
  const auto book = site.book();
  const Record& record = *book->records().at("a.test");
  CHECK(record.domain.certificate_pem->value.text.empty());
  CHECK((served(*book, "a.test") != nullptr) == (text == 0));
  CHECK(told(book->problems()).find("PRIVATE") == std::string::npos);
}

TEST_CASE("a broken certificate neither prevents a start nor touches another domain", "[server]") {
  Site site;
  site.pem("bad.test", GENERATE(as<std::string>{}, broken_pem, "", "no PEM at all",
                                std::string(2u << 20U, 'x')));
  site.pem("good.test", certificate_for("good.test"));
  const auto book = site.book();
  CHECK(served(*book, "good.test"));
  CHECK_FALSE(served(*book, "bad.test"));
  CHECK(book->records().contains("bad.test"));
  const std::string text = told(book->troubles(), "bad.test");
  CHECK_THAT(text, Contains(site.domain_file("bad.test.pem")) && Contains("none is in use"));
  CHECK(told(book->troubles(), "good.test").empty());
}

TEST_CASE(
    "a key that does not match, a directory and a link to nowhere are told with domain and file",
    "[server]") {
  Site site;
  const auto mine = ca().leaf("mix.test");
  site.pem("mix.test", arbortls::test::key_pem(ca().leaf("mix.test")) + arbortls::test::pem(mine));
  site.folder.make("domains/dir.test.pem");
  fs::create_symlink("/nowhere/at/all", site.domain_file("link.test.pem"));
  const auto book = site.book();
  for (const std::string name : {"mix.test", "dir.test", "link.test"}) {
    INFO(name);
    CHECK_FALSE(served(*book, name));
    CHECK_THAT(told(book->troubles(), name),
               Contains(site.domain_file(name + ".pem")) && Contains("certificate: "));
  }
}

TEST_CASE("what has not changed keeps its certificate object over a reload", "[server]") {
  Site site;
  site.pem("a.test", certificate_for("a.test"));
  site.pem("b.test", certificate_for("b.test"));
  site.config(
      "listeners:\n  - {name: l, role: ws, address: \"unix:l.sock\", certdir: certdir, backend: "
      "web}\n");
  const auto leaf = ca().leaf("dir.test");
  site.folder.write("certdir/server.key", arbortls::test::key_pem(leaf));
  site.folder.write("certdir/server.crt", arbortls::test::pem(leaf));
  const auto first = site.book();
  site.pem("b.test", certificate_for("b.test"));
  site.pem("a.test", site.folder.read("domains/a.test.pem") + "# a remark\n");
  const auto second = site.book(first.get());
  CHECK(served(*second, "a.test") == served(*first, "a.test"));
  CHECK(served(*second, "b.test"));
  CHECK(served(*second, "b.test") != served(*first, "b.test"));
  REQUIRE(first->certdirs()[0].certificate);
  CHECK(second->certdirs()[0].certificate == first->certdirs()[0].certificate);
  CHECK(second->snapshot()->site.fallback == first->snapshot()->site.fallback);
}

TEST_CASE("a reload with errors makes no book and tells all of them", "[server]") {
  Site site;
  site.pem("sound.test", certificate_for("sound.test"));
  const auto before = site.book();
  site.config("log: {level: loud}\nnonsense: 1\n");
  site.yaml("a.test", "backend: missing\n");
  site.yaml("child.test", "parent: a.test\n");
  site.yaml("loop1.test", "parent: loop2.test\n");
  site.yaml("loop2.test", "parent: loop1.test\n");
  site.folder.write("domains/Upper.test.yaml", "");
  site.pem("bad.test", broken_pem);
  site.pem("both.test", certificate_for("both.test"));
  site.yaml("both.test", "certificate_pem: file:/x\n");
  const auto made = site.load(before.get());
  CHECK_FALSE(made.book);
  const std::string text = told(made.problems);
  CHECK_THAT(text, Contains("arbortls.yaml:8:14: log.level"));
  CHECK_THAT(text, Contains("arbortls.yaml:9:1: nonsense"));
  CHECK_THAT(text, Contains("a.test.yaml:1:10: backend"));
  CHECK_THAT(text, Contains("loop1.test"));
  CHECK_THAT(text, Contains("Upper.test.yaml") && Contains("upper.test"));
  CHECK_THAT(text, Contains("bad.test.pem: bad.test: certificate"));
  CHECK_THAT(text, Contains("both.test.pem") && Contains("keep one of the two"));
  CHECK_THAT(text, !Contains("child.test"));  // its parent is there, only unreadable
  CHECK(served(*before, "sound.test"));
}

TEST_CASE("a domain may stand once only: file, directory, text", "[server]") {
  Site site;
  site.config("domains:\n  - name: a.test\n    certificate_pem: file:" + site.folder.path("a.pem") +
              "\n");
  site.folder.write("a.pem", certificate_for("a.test"));
  REQUIRE(site.load().book);
  const bool yaml = GENERATE(true, false);
  if (yaml)
    site.yaml("a.test", "backend: web\n");
  else
    site.pem("a.test", certificate_for("a.test"));
  const auto made = site.load();
  CHECK_FALSE(made.book);
  CHECK_THAT(told(made.problems),
             Contains(yaml ? "a.test.yaml" : "a.test.pem") && Contains("already"));
}

TEST_CASE("the main file's domain may have its certificate in the directory", "[server]") {
  Site site;
  site.config("domains:\n  - name: a.test\n    backend: web\n");
  site.pem("a.test", certificate_for("a.test"));
  const auto book = site.book();
  CHECK(served(*book, "a.test"));
  CHECK(book->records().at("a.test")->domain.inherited.backend->value == "web");
}

TEST_CASE("the last good certificate outlives a restart, also when the file broke meanwhile",
          "[server]") {
  Site site;
  site.config(
      "listeners:\n  - {name: l1, role: ws, address: \"unix:l.sock\", certdir: certdir, backend: "
      "web}\n");
  const auto leaf = ca().leaf("dir.test");
  site.folder.write("certdir/server.key", arbortls::test::key_pem(leaf));
  site.folder.write("certdir/server.crt", arbortls::test::pem(leaf));
  site.pem("a.test", certificate_for("a.test"));
  site.pem("none.test", certificate_for("none.test"));
  const auto first = site.book();
  save_all(*site.book());
  site.pem("a.test", broken_pem);
  site.folder.write("certdir/server.crt", "cut");
  site.folder.remove("domains/none.test.pem");
  site.yaml("none.test", "");
  site.restart();
  const auto second = site.book();
  REQUIRE(served(*second, "a.test"));
  CHECK(served(*second, "a.test")->identity == served(*first, "a.test")->identity);
  CHECK(second->records().at("a.test")->served.from_last_good);
  CHECK_THAT(told(second->troubles(), "a.test"), Contains("the last good one stays in use"));
  REQUIRE(second->certdirs()[0].certificate);
  CHECK(second->certdirs()[0].certificate->identity == first->certdirs()[0].certificate->identity);
  CHECK_THAT(told(second->troubles(), "listener l1"), Contains("server.crt"));
  CHECK_FALSE(served(*second, "none.test"));  // removed is not broken
}

TEST_CASE("no key of a domain that is gone stays in the state directory", "[server]") {
  Site site;
  site.pem("a.test", certificate_for("a.test"));
  site.pem("b.test", certificate_for("b.test"));
  save_all(*site.book());
  REQUIRE(site.folder.has("state/last_good/b.test.pem"));
  site.folder.remove("domains/b.test.pem");
  site.restart();
  save_all(*site.book());
  CHECK(site.folder.has("state/last_good/a.test.pem"));
  CHECK_FALSE(site.folder.has("state/last_good/b.test.pem"));
}

TEST_CASE("an encrypted key's last good copy is encrypted too", "[server]") {
  Site site;
  const auto leaf = ca().leaf("a.test");
  site.folder.write("secret", "open sesame\n");
  site.yaml("a.test", "certificate_pem: file:" + site.folder.path("a.pem") +
                          "\nkey_passphrase: file:" + site.folder.path("secret") + "\n");
  site.folder.write("a.pem", arbortls::test::pkcs8_pem(leaf.key.get(), "open sesame") +
                                 arbortls::test::pem(leaf));
  const auto first = site.book();
  REQUIRE(served(*first, "a.test"));
  save_all(*first);
  const std::string kept = site.folder.read("state/last_good/a.test.pem");
  CHECK_THAT(kept, Contains("BEGIN ENCRYPTED PRIVATE KEY"));
  CHECK_THAT(kept, !Contains("BEGIN PRIVATE KEY"));
  site.folder.write("a.pem", broken_pem);
  site.restart();
  CHECK(served(*site.book(), "a.test"));
  site.folder.write("secret", "wrong\n");
  CHECK_FALSE(told(site.book()->problems()).find("sesame") != std::string::npos);
}

TEST_CASE("a file that the certificate stood in and that vanished is broken, not removed",
          "[server]") {
  Site site;
  site.yaml("a.test", "certificate_pem: file:" + site.folder.path("a.pem") + "\n");
  site.folder.write("a.pem", certificate_for("a.test"));
  const auto first = site.book();
  site.folder.remove("a.pem");
  const auto second = site.book(first.get());
  CHECK(served(*second, "a.test") == served(*first, "a.test"));
  CHECK_THAT(told(second->troubles(), "a.test"), Contains("the last good one stays in use"));
}

TEST_CASE("strict permissions refuse keys that others can read, domains' and certdirs'",
          "[server]") {
  Site site;
  const bool strict = GENERATE(true, false);
  site.config(std::string("strict_key_permissions: ") + (strict ? "true" : "false") +
              "\nlisteners:\n  - {name: l, role: ws, address: \"unix:l.sock\", certdir: certdir, "
              "backend: web}\n");
  const auto leaf = ca().leaf("dir.test");
  site.folder.write("certdir/server.key", arbortls::test::key_pem(leaf));
  site.folder.write("certdir/server.crt", arbortls::test::pem(leaf));
  site.pem("a.test", certificate_for("a.test"));
  ::chmod(site.domain_file("a.test.pem").c_str(), 0644);
  ::chmod(site.folder.path("certdir/server.key").c_str(), 0640);
  const auto book = site.book();
  CHECK((served(*book, "a.test") == nullptr) == strict);
  CHECK((book->certdirs()[0].certificate == nullptr) == strict);
  CHECK_THAT(told(book->troubles(), "a.test"), Contains("group or others"));
  CHECK_THAT(told(book->troubles(), "listener l"), Contains("group or others"));
}

TEST_CASE("an expired or a foreign certificate is served, and told of", "[server]") {
  Site site;
  site.pem("old.test", certificate_until("old.test", test_now - day));
  site.pem("other.test", certificate_for("elsewhere.test"));
  const auto book = site.book();
  CHECK(served(*book, "old.test"));
  CHECK(served(*book, "other.test"));
  CHECK_THAT(told(book->troubles(), "old.test"), Contains("has expired"));
  CHECK_THAT(told(book->troubles(), "other.test"), Contains("does not cover other.test"));
}

TEST_CASE("a setting that a reload cannot change is told of", "[server]") {
  Site site;
  const auto first = site.book();
  CHECK(told(first->troubles(), "").find("next start") == std::string::npos);
  site.config("workers: {relay: 3}\n");
  CHECK_THAT(told(site.book(first.get())->troubles(), ""),
             Contains("workers") && Contains("next start"));
}

TEST_CASE("a reload takes what goes, moves and comes out of the tree of before", "[server]") {
  Site site;
  for (const char* name : {"stays.test", "goes.test", "renewed.test"})
    site.pem(name, certificate_for(name));
  site.yaml("moves.test", "parent: stays.test\n");
  const auto before = site.book();
  site.folder.remove("domains/goes.test.pem");
  site.pem("renewed.test", certificate_for("renewed.test"));
  site.yaml("moves.test", "parent: renewed.test\n");
  site.yaml("comes.test", "parent: moves.test\n");
  const auto book = site.book(before.get());
  CHECK(book->tree().size() == 4);
  CHECK(book->tree().find("goes.test") == nullptr);
  CHECK(book->tree().find("moves.test")->parent == "renewed.test");
  CHECK(book->tree().find("comes.test")->parent == "moves.test");
  CHECK(in_tree(*book, "renewed.test") == served(*book, "renewed.test"));
  CHECK(in_tree(*book, "stays.test") == in_tree(*before, "stays.test"));
  CHECK(before->tree().find("goes.test") != nullptr);
  CHECK(book->tree().check().empty());
}

TEST_CASE("a reload finds what hangs too deep since a change above it", "[server]") {
  Site site;
  const auto name = [](char chain, int at) { return chain + std::to_string(at) + ".test"; };
  const auto hang = [&](const std::string& below, const std::string& above) {
    site.yaml(below, "parent: " + above + "\n");
  };
  for (int i = 1; i < 50; ++i) {
    hang(name('a', i), name('a', i - 1));
    hang(name('b', i), name('b', i - 1));
  }
  site.yaml(name('a', 0), "backend: web\n");
  site.yaml(name('b', 0), "backend: web\n");
  const auto first = site.book();
  const auto book = site.book(first.get());
  hang(name('a', 0), name('b', 49));
  CHECK(changed(site, *book, name('a', 0) + ".yaml"));
  const auto made = site.load(book.get());
  CHECK_FALSE(made.book);
  CHECK_THAT(told(made.problems), Contains("steps below the master"));
}
