#include "unit/server/support.hpp"

using namespace arbortls::server;
using namespace arbortls::server::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

bool pending_in_tree(const Book& book, const std::string& name) {
  return book.tree().find(name)->value.pending;
}

// Three domains with certificates, of which one is broken, and one without.
struct Platform : Site {
  Platform() {
    pem("a.test", certificate_for("a.test"));
    pem("b.test", certificate_for("b.test"));
    pem("bad.test", broken_pem);
    yaml("plain.test", "backend: web\n");
  }
};

}  // namespace

TEST_CASE("certificates for which there is no time are pending until they are read", "[server]") {
  Platform site;
  const auto book = site.book(nullptr, 0ms);
  CHECK(book->pending() == 3);
  CHECK(book->certificates() == 0);
  CHECK(book->troubles().find("bad.test") == nullptr);
  for (const char* name : {"a.test", "b.test", "bad.test"}) CHECK(pending_in_tree(*book, name));
  CHECK_FALSE(pending_in_tree(*book, "plain.test"));

  SECTION("those that are wanted are read first") {
    CHECK(book->load_pending({"b.test", "b.test", "plain.test", "unknown.test"}, 0));
    CHECK(book->pending() == 2);
    CHECK(in_tree(*book, "b.test"));
    CHECK(pending_in_tree(*book, "a.test"));
    CHECK_FALSE(book->load_pending({"b.test"}, 0));
  }
  SECTION("the others a few at a time") {
    CHECK(book->load_pending({}, 2));
    CHECK(book->pending() == 1);
  }
  while (book->has_pending()) book->load_pending({}, 1);
  CHECK(book->certificates() == 2);
  CHECK(in_tree(*book, "a.test"));
  for (const char* name : {"a.test", "b.test", "bad.test"}) CHECK_FALSE(pending_in_tree(*book, name));
  CHECK_THAT(told(book->take_news()), Contains("bad.test.pem"));
  CHECK_THAT(told(book->troubles(), "bad.test"), Contains("none is in use"));
  save_all(*book);
  site.pem("a.test", broken_pem);
  site.restart();
  CHECK(served(*site.book(), "a.test"));  // what was read late is kept like the others
}

TEST_CASE("a text inside the configuration is never left for later", "[server]") {
  Site site;
  site.config("domains:\n  - name: a.test\n    certificate_pem: " +
              block(certificate_for("a.test"), "      "));
  const auto book = site.book(nullptr, 0ms);
  CHECK_FALSE(book->has_pending());
  CHECK(served(*book, "a.test"));
}

TEST_CASE("a reload reads only what differs, and keeps the rest as it is", "[server]") {
  Platform site;
  let_settle(site.domain_file("a.test.pem"));
  const auto before = site.book();
  site.pem("b.test", certificate_for("b.test"));
  site.pem("new.test", certificate_for("new.test"));
  const auto book = site.book(before.get(), 0ms);
  CHECK(in_tree(*book, "a.test") == in_tree(*before, "a.test"));
  SECTION("what has changed is served as before until it is read") {
    CHECK(in_tree(*book, "b.test") == in_tree(*before, "b.test"));
    CHECK_FALSE(pending_in_tree(*book, "b.test"));
    CHECK(pending_in_tree(*book, "new.test"));
    CHECK(book->load_pending({}, 100));
    CHECK(in_tree(*book, "b.test") != in_tree(*before, "b.test"));
    CHECK(in_tree(*book, "new.test"));
    CHECK_THAT(told(book->troubles(), "bad.test"), Contains("none is in use"));
  }
  SECTION("what is pending stays so over a second reload") {
    const auto again = site.book(book.get(), 0ms);
    CHECK(again->pending() == book->pending());
    CHECK(pending_in_tree(*again, "new.test"));
  }
  SECTION("what goes away is waited for no more") {
    site.folder.remove("domains/new.test.pem");
    book->refresh({site.domain_file("new.test.pem")});
    CHECK(book->load_pending({}, 100));
    CHECK_FALSE(book->has_pending());
    CHECK(book->tree().find("new.test") == nullptr);
  }
  SECTION("a change that the watcher tells of is read at once") {
    site.pem("new.test", certificate_for("new.test"));
    CHECK(book->refresh({site.domain_file("new.test.pem")}));
    CHECK(in_tree(*book, "new.test"));
    CHECK_FALSE(pending_in_tree(*book, "new.test"));
  }
}

TEST_CASE("a reload with other rules reads everything again", "[server]") {
  Platform site;
  let_settle(site.domain_file("b.test.pem"));
  const auto before = site.book();
  std::filesystem::permissions(site.domain_file("a.test.pem"), std::filesystem::perms(0644));
  let_settle(site.domain_file("a.test.pem"));
  const auto loose = site.book(before.get());
  CHECK_THAT(told(loose->troubles(), "a.test"), Contains("chmod 600"));
  site.config("strict_key_permissions: true\n");
  const auto strict = site.book(loose.get());
  CHECK(strict->records().at("a.test")->served.from_last_good);
}
