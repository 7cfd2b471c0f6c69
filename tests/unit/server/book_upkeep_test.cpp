#include "unit/server/support.hpp"

using namespace arbortls::server;
using namespace arbortls::server::test;
using Catch::Matchers::Contains;

TEST_CASE("a certdir's pair is taken when both files match, else the last good one stays",
          "[server]") {
  Site site;
  site.config(
      "listeners:\n  - {name: l, role: ws, address: \"unix:l.sock\", certdir: certdir, backend: "
      "web}\n");
  const auto put = [&](const char* file, const std::string& text) {
    site.folder.replace(std::string("certdir/") + file, text);
  };
  const auto first = ca().leaf("dir.test");
  const auto second = ca().leaf("dir.test");
  put("server.key", arbortls::test::key_pem(first));
  put("server.crt", arbortls::test::pem(first) + arbortls::test::chain_pem(ca()));
  const auto book = site.book();
  const auto before = book->certdirs()[0].certificate;
  REQUIRE(before);
  CHECK(told(book->troubles(), "listener l").empty());
  put("server.key", arbortls::test::key_pem(second));
  CHECK_FALSE(book->refresh({site.folder.path("certdir/server.key")}));
  CHECK(book->snapshot()->site.listeners[0].certdir == before);
  CHECK_THAT(told(book->troubles(), "listener l"), Contains("last good"));
  put("server.crt", arbortls::test::pem(second) + arbortls::test::chain_pem(ca()));
  CHECK(book->refresh({site.folder.path("certdir/server.crt")}));
  const auto after = book->snapshot()->site.listeners[0].certdir;
  CHECK(after != before);
  CHECK(book->troubles().empty());
  site.folder.remove("certdir");
  CHECK_FALSE(book->refresh({site.folder.path("certdir")}));
  CHECK(book->snapshot()->site.listeners[0].certdir == after);
  CHECK_THAT(told(book->troubles(), "listener l"), Contains("certdir"));
  // In place, and mended by the minute's look even if nobody told.
  site.folder.write("certdir/server.key", arbortls::test::key_pem(first));
  site.folder.write("certdir/server.crt",
                    arbortls::test::pem(first) + arbortls::test::chain_pem(ca()));
  CHECK(book->upkeep());
  CHECK(book->troubles().empty());
}

TEST_CASE("time alone ends certificates and makes others valid", "[server]") {
  Site site;
  site.pem("old.test", certificate_until("old.test", test_now + day));
  Wanted wanted;
  wanted.common_name = "new.test";
  wanted.names = {"new.test"};
  wanted.not_before = test_now + day;
  site.pem("new.test", bundle(ca().leaf(wanted)));
  const auto book = site.book();
  CHECK(told(book->troubles(), "old.test").empty());
  CHECK_FALSE(in_tree(*book, "new.test"));
  site.now += 2 * day;
  CHECK(book->upkeep());
  CHECK_THAT(told(book->troubles(), "old.test"), Contains("has expired"));
  CHECK(in_tree(*book, "new.test"));
  CHECK(told(book->troubles(), "new.test").empty());
  site.now -= 2 * day;
  book->upkeep();
  CHECK(told(book->troubles(), "old.test").empty());
}

TEST_CASE("the set of watched files changes only when another file is named", "[server]") {
  Site site;
  const std::string file = site.folder.path("shared.pem");
  site.folder.write("shared.pem", certificate_for("a.test"));
  site.yaml("a.test", "certificate_pem: file:" + file + "\n");
  site.pem("b.test", certificate_for("b.test"));
  const auto book = site.book();
  const auto version = book->watched_version();
  for (int i = 0; i < 10; ++i) {
    site.folder.write("shared.pem", certificate_for("a.test"));
    site.pem("b.test", certificate_for("b.test"));
    CHECK(book->refresh({file, site.domain_file("b.test.pem")}));
  }
  site.yaml("c.test", "certificate_pem: file:" + file + "\n");
  CHECK(changed(site, *book, "c.test.yaml"));
  site.folder.remove("domains/a.test.yaml");
  CHECK(changed(site, *book, "a.test.yaml"));
  CHECK(book->watched_version() == version);
  CHECK(book->watched_files() == std::vector<std::string>{file});
  site.folder.remove("domains/c.test.yaml");
  CHECK(changed(site, *book, "c.test.yaml"));
  CHECK(book->watched_version() != version);
  CHECK(book->watched_files().empty());
}

TEST_CASE("a look at everything finds what differs, and reads nothing else", "[server]") {
  Site site;
  for (const char* name : {"a.test", "b.test", "c.test"}) site.pem(name, certificate_for(name));
  site.yaml("d.test", "backend: web\n");
  const auto book = site.book();
  book->refresh_everything();
  const auto b = served(*book, "b.test");
  site.pem("a.test", certificate_for("a.test"));
  site.folder.remove("domains/c.test.pem");
  site.pem("d.test", certificate_for("d.test"));
  site.pem("e.test", certificate_for("e.test"));
  CHECK(book->refresh_everything());
  CHECK(in_tree(*book, "a.test") == served(*book, "a.test"));
  CHECK(in_tree(*book, "b.test") == b);
  CHECK(book->tree().find("c.test") == nullptr);
  CHECK(in_tree(*book, "d.test"));
  CHECK(in_tree(*book, "e.test"));
  CHECK(book->certificates() == 4);
}
