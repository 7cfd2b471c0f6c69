#include "unit/server/support.hpp"

using namespace arbortls::server;
using namespace arbortls::server::test;
using Catch::Matchers::Contains;

TEST_CASE("a certificate renamed over is served and the others keep theirs", "[server]") {
  Site site;
  site.pem("a.test", certificate_for("a.test"));
  site.pem("b.test", certificate_for("b.test"));
  const auto book = site.book();
  const auto a = served(*book, "a.test");
  const auto b = served(*book, "b.test");
  site.pem("a.test", certificate_for("a.test"));
  CHECK(changed(site, *book, "a.test.pem"));
  CHECK(in_tree(*book, "a.test") != a);
  CHECK(in_tree(*book, "a.test") == served(*book, "a.test"));
  CHECK(in_tree(*book, "b.test") == b);
  CHECK_FALSE(changed(site, *book, "a.test.pem"));  // nothing new
}

TEST_CASE("a broken certificate keeps the last good one, is told of, and is forgotten when mended",
          "[server]") {
  Site site;
  const std::string good = certificate_for("a.test");
  site.pem("a.test", good);
  const auto book = site.book();
  const auto before = served(*book, "a.test");
  site.pem("a.test", broken_pem);
  CHECK_FALSE(changed(site, *book, "a.test.pem"));
  CHECK(in_tree(*book, "a.test") == before);
  CHECK_THAT(told(book->troubles(), "a.test"),
             Contains("a.test.pem: a.test: certificate:") && Contains("last good"));
  REQUIRE(book->take_news().size() == 1);
  CHECK(book->take_news().empty());
  site.pem("a.test", good);
  changed(site, *book, "a.test.pem");
  CHECK(served(*book, "a.test") == before);  // its ready contexts are kept
  CHECK(told(book->troubles(), "a.test").empty());
  CHECK(book->troubles().empty());
}

TEST_CASE("every cut of a certificate file keeps the last good one", "[server]") {
  Site site;
  const std::string good = certificate_for("a.test");
  site.pem("a.test", good);
  const auto book = site.book();
  const auto before = served(*book, "a.test");
  const std::string next = certificate_for("a.test");
  const std::size_t leaf_end = next.find("-----END CERTIFICATE-----");
  for (std::size_t length = 0; length < leaf_end; length += 10) {
    site.folder.write("domains/a.test.pem", next.substr(0, length));
    changed(site, *book, "a.test.pem");
    if (in_tree(*book, "a.test") != before) FAIL("served after " << length << " bytes");
  }
  site.folder.write("domains/a.test.pem", next);
  CHECK(changed(site, *book, "a.test.pem"));
  CHECK(in_tree(*book, "a.test") != before);
}

TEST_CASE("a removed NAME.pem means that the domain has none", "[server]") {
  Site site;
  site.pem("a.test", certificate_for("a.test"));
  site.yaml("a.test", "backend: web\n");
  site.pem("b.test", certificate_for("b.test"));
  const auto book = site.book();
  save_all(*book);
  CHECK(book->certificates() == 2);
  site.folder.remove("domains/a.test.pem");
  site.folder.remove("domains/b.test.pem");
  CHECK(book->refresh({site.domain_file("a.test.pem"), site.domain_file("b.test.pem")}));
  CHECK(book->tree().find("a.test") != nullptr);
  CHECK_FALSE(in_tree(*book, "a.test"));
  CHECK(book->tree().find("b.test") == nullptr);
  CHECK(book->certificates() == 0);
  CHECK(book->records().size() == 1);
  save_all(*book);
  CHECK_FALSE(site.folder.has("state/last_good/a.test.pem"));
  CHECK_FALSE(site.folder.has("state/last_good/b.test.pem"));
}

TEST_CASE("a file: path that vanished keeps the last good certificate until it comes back",
          "[server]") {
  Site site;
  const std::string file = site.folder.path("a.pem");
  site.yaml("a.test", "certificate_pem: file:" + file + "\n");
  site.folder.write("a.pem", certificate_for("a.test"));
  const auto book = site.book();
  const auto before = served(*book, "a.test");
  CHECK(book->watched_files() == std::vector<std::string>{file});
  site.folder.remove("a.pem");
  CHECK_FALSE(book->refresh({file}));
  CHECK(in_tree(*book, "a.test") == before);
  CHECK_FALSE(told(book->troubles(), "a.test").empty());
  site.folder.write("a.pem", certificate_for("a.test"));
  CHECK(book->refresh({file}));
  CHECK(in_tree(*book, "a.test") != before);
  CHECK(book->troubles().empty());
}

TEST_CASE("new domains, new settings and new parents apply", "[server]") {
  Site site;
  const auto book = site.book();
  site.yaml("p.test", "backend: web\n");
  CHECK(changed(site, *book, "p.test.yaml"));
  site.yaml("c.test", "parent: p.test\n");
  CHECK(changed(site, *book, "c.test.yaml"));
  CHECK(book->tree().parent(*book->tree().find("c.test"))->name == "p.test");
  site.yaml("c.test", "backend: web\n");
  CHECK(changed(site, *book, "c.test.yaml"));
  CHECK(book->tree().find("c.test")->value.inherited->backend->value == "web");
  CHECK(book->tree().parent(*book->tree().find("c.test")) == nullptr);
}

TEST_CASE("broken settings keep the old ones, but a new certificate applies", "[server]") {
  Site site;
  site.yaml("a.test", "backend: web\n");
  site.pem("a.test", certificate_for("a.test"));
  const auto book = site.book();
  const auto before = served(*book, "a.test");
  site.yaml("a.test",
            GENERATE(as<std::string>{}, "backend: missing\n", "[", "backend: web\nbackend: web\n"));
  changed(site, *book, "a.test.yaml");
  CHECK(book->tree().find("a.test")->value.inherited->backend->value == "web");
  CHECK(in_tree(*book, "a.test") == before);
  CHECK_THAT(told(book->troubles(), "a.test"), Contains("a.test.yaml:"));
  site.pem("a.test", certificate_for("a.test"));
  CHECK(changed(site, *book, "a.test.pem"));
  CHECK(in_tree(*book, "a.test") != before);
  CHECK_THAT(told(book->troubles(), "a.test"), Contains("a.test.yaml:"));
  site.yaml("a.test", "idle_timeout: 5m\n");
  CHECK(changed(site, *book, "a.test.yaml"));
  CHECK(book->troubles().empty());
  CHECK(in_tree(*book, "a.test"));
}

TEST_CASE("a new file that cannot become a domain is told of until it is mended or gone",
          "[server]") {
  Site site;
  const auto book = site.book();
  site.yaml("new.test", "backend: missing\n");
  CHECK_FALSE(changed(site, *book, "new.test.yaml"));
  CHECK(book->tree().find("new.test") == nullptr);
  CHECK_THAT(told(book->troubles(), "new.test"), Contains("new.test.yaml:1:10"));
  if (GENERATE(true, false)) {
    site.yaml("new.test", "backend: web\n");
    CHECK(changed(site, *book, "new.test.yaml"));
    CHECK(book->tree().find("new.test") != nullptr);
  } else {
    site.folder.remove("domains/new.test.yaml");
    changed(site, *book, "new.test.yaml");
  }
  CHECK(book->troubles().empty());
}

TEST_CASE("a file whose name is no domain's is told of while it is there", "[server]") {
  Site site;
  const auto book = site.book();
  site.folder.write("domains/Upper.test.pem", "");
  site.folder.write("domains/.hidden.pem", "");
  site.folder.write("domains/editor.pem~", "");
  const bool whole = GENERATE(true, false);
  const auto look = [&] {
    return whole
               ? book->refresh_everything()
               : book->refresh({site.domain_file("Upper.test.pem"), site.domain_file(".hidden.pem"),
                                site.domain_file("editor.pem~")});
  };
  CHECK_FALSE(look());
  CHECK_THAT(told(book->problems()), Contains("must be written `upper.test`"));
  CHECK(book->troubles().size() == 1);
  site.folder.remove("domains/Upper.test.pem");
  look();
  CHECK(book->troubles().empty());
}

TEST_CASE(
    "what the tree does not allow keeps the old state and is tried again when another file changes",
    "[server]") {
  Site site;
  site.yaml("p.test", "");
  site.yaml("c.test", "parent: p.test\n");
  const auto book = site.book();

  SECTION("a parent removed") {
    site.folder.remove("domains/p.test.yaml");
    CHECK_FALSE(changed(site, *book, "p.test.yaml"));
    CHECK(book->tree().find("p.test") != nullptr);
    CHECK_THAT(told(book->problems()), Contains("p.test"));
    site.yaml("c.test", "");
    CHECK(changed(site, *book, "c.test.yaml"));
    CHECK(book->tree().find("p.test") == nullptr);
  }
  SECTION("a parent removed and brought back") {
    site.folder.remove("domains/p.test.yaml");
    changed(site, *book, "p.test.yaml");
    site.yaml("p.test", "");
    changed(site, *book, "p.test.yaml");
    CHECK(book->tree().find("p.test") != nullptr);
  }
  SECTION("a loop by a new parent, mended by the other") {
    site.yaml("p.test", "parent: c.test\n");
    CHECK_FALSE(changed(site, *book, "p.test.yaml"));
    CHECK(book->tree().find("p.test")->parent.empty());
    CHECK_THAT(told(book->troubles(), "p.test"), Contains("loop") && Contains("stays as it was"));
    site.yaml("c.test", "parent: master.test\n");
    CHECK(changed(site, *book, "c.test.yaml"));
    CHECK(book->tree().find("p.test")->parent == "c.test");
  }
  SECTION("a loop by a new file, gone with it") {
    site.yaml("x.test", "parent: y.x.test\n");
    changed(site, *book, "x.test.yaml");
    CHECK(book->tree().find("x.test") == nullptr);
    CHECK_THAT(told(book->troubles(), "x.test"), Contains("y.x.test"));
    site.folder.remove("domains/x.test.yaml");
    changed(site, *book, "x.test.yaml");
  }
  SECTION("a parent that comes after its child") {
    site.yaml("a.test", "parent: z.test\n");
    CHECK_FALSE(changed(site, *book, "a.test.yaml"));
    CHECK_FALSE(told(book->troubles(), "a.test").empty());
    site.yaml("z.test", "");
    CHECK(changed(site, *book, "z.test.yaml"));
    CHECK(book->tree().find("a.test") != nullptr);
  }
  SECTION("all at once, in any order") {
    site.yaml("a.test", "parent: z.test\n");
    site.yaml("z.test", "parent: m.test\n");
    site.yaml("m.test", "");
    site.folder.remove("domains/c.test.yaml");
    site.folder.remove("domains/p.test.yaml");
    CHECK(book->refresh({site.domain_file("p.test.yaml"), site.domain_file("a.test.yaml"),
                         site.domain_file("z.test.yaml"), site.domain_file("m.test.yaml"),
                         site.domain_file("c.test.yaml")}));
    CHECK(book->records().size() == 3);
  }
  INFO(told(book->problems()));
  CHECK(book->troubles().empty());
  CHECK(book->tree().check().empty());
}

TEST_CASE("removing a suffix on which a loop would close is refused", "[server]") {
  Site site;
  site.yaml("c.test", "parent: a.b.c.test\n");
  site.yaml("b.c.test", "parent: master.test\n");
  site.yaml("a.b.c.test", "");
  const auto book = site.book();
  site.folder.remove("domains/b.c.test.yaml");
  CHECK_FALSE(changed(site, *book, "b.c.test.yaml"));
  CHECK(book->tree().check().empty());
  CHECK_FALSE(book->troubles().empty());
}

TEST_CASE("a directory that vanished says nothing about its domains", "[server]") {
  Site site;
  site.pem("a.test", certificate_for("a.test"));
  const auto book = site.book();
  fs::rename(site.folder.path("domains"), site.folder.path("away"));
  const bool by_entry = GENERATE(true, false);
  book->refresh({by_entry ? site.domain_file("a.test.pem") : site.folder.path("domains")});
  CHECK(in_tree(*book, "a.test"));
  CHECK_THAT(told(book->problems()), Contains("domains_dir") && Contains("cannot be read"));
  fs::rename(site.folder.path("away"), site.folder.path("domains"));
  site.pem("b.test", certificate_for("b.test"));
  CHECK(book->refresh({site.folder.path("domains")}));
  CHECK(in_tree(*book, "b.test"));
  CHECK(book->troubles().empty());
}

TEST_CASE("a second place for a domain is told of and changes nothing", "[server]") {
  Site site;
  site.config("domains:\n  - name: main.test\n    backend: web\n");
  site.yaml("own.test", "certificate_pem: file:" + site.folder.path("own.pem") + "\n");
  site.folder.write("own.pem", certificate_for("own.test"));
  const auto book = site.book();
  const auto own = served(*book, "own.test");
  site.yaml("main.test", "");
  site.pem("own.test", certificate_for("own.test"));
  book->refresh({site.domain_file("main.test.yaml"), site.domain_file("own.test.pem")});
  CHECK(in_tree(*book, "own.test") == own);
  CHECK_THAT(told(book->troubles(), "main.test"), Contains("already"));
  CHECK_THAT(told(book->troubles(), "own.test"), Contains("already"));
  site.folder.remove("domains/main.test.yaml");
  site.folder.remove("domains/own.test.pem");
  book->refresh({site.domain_file("main.test.yaml"), site.domain_file("own.test.pem")});
  CHECK(book->troubles().empty());
}

TEST_CASE("an inline text in the main file outlives a look at everything", "[server]") {
  Site site;
  site.config("domains:\n  - name: inline.test\n    certificate_pem: " +
              block(certificate_for("inline.test"), "      "));
  site.yaml("dir.test", "certificate_pem: " + block(certificate_for("dir.test"), "  "));
  const auto book = site.book();
  const auto before = served(*book, "inline.test");
  REQUIRE(served(*book, "dir.test"));
  book->refresh_everything();
  book->refresh({site.domain_file("inline.test.pem"), site.domain_file("dir.test.yaml")});
  CHECK(in_tree(*book, "inline.test") == before);
  CHECK(in_tree(*book, "dir.test"));
  site.yaml("dir.test", "certificate_pem: 1: 2\n");
  changed(site, *book, "dir.test.yaml");
  CHECK(in_tree(*book, "dir.test"));
}

TEST_CASE("a change of any inherited setting in a domain's file applies", "[server]") {
  const std::string line = GENERATE(as<std::string>{}, "backend: web", "idle_timeout: 2h",
                                    "half_close_timeout: 2m", "certificate_choice: valid",
                                    "tls_min_version: \"1.3\"", "max_connections: 7",
                                    "max_handshakes: 7");
  CAPTURE(line);
  Site site;
  site.yaml("a.test", "");
  const auto book = site.book();
  CHECK_FALSE(book->tree().find("a.test")->value.inherited);
  site.yaml("a.test", line + "\n");
  CHECK(book->refresh({site.domain_file("a.test.yaml")}));
  CHECK(book->tree().find("a.test")->value.inherited);
  const auto again = site.book(book.get());
  CHECK(again->tree().find_shared("a.test") == book->tree().find_shared("a.test"));
  site.yaml("a.test", "");
  const auto without = site.book(again.get());
  CHECK_FALSE(without->tree().find("a.test")->value.inherited);
}
