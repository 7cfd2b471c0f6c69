#include "unit/server/support.hpp"

using namespace arbortls::server;
using namespace arbortls::server::test;
using Catch::Matchers::Contains;

namespace {

const arbortls::cert::LoadOptions options{{}, test_now, nullptr};

arbortls::cert::CertificatePtr some(const std::string& name) {
  return arbortls::cert::load_pem(certificate_for(name), options)->certificate;
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

}  // namespace

TEST_CASE("the state directory is made for its owner alone", "[server][store]") {
  Folder folder;
  Store store(folder.path("deep/er/state"), Store::Access::read_write);
  store.prepare();
  CHECK(mode_of(folder.path("deep/er/state")) == 0700);
  CHECK(mode_of(folder.path("deep/er/state/last_good")) == 0700);
  CHECK(store.warnings().empty());
}

TEST_CASE("the default certificate is made once, kept with 0600, and read again",
          "[server][store]") {
  Folder folder;
  Store store(folder.path("state"), Store::Access::read_write);
  store.prepare();
  const auto made = store.default_certificate({"master.test", "host.test"}, test_now);
  REQUIRE(made);
  CHECK(made->covers("master.test"));
  CHECK(made->covers("host.test"));
  CHECK(mode_of(folder.path("state/default.pem")) == 0600);
  Store again(folder.path("state"), Store::Access::read_write);
  CHECK(again.default_certificate({"master.test"}, test_now)->identity == made->identity);
  CHECK(again.default_certificate({"master.test"}, test_now + 20 * 365 * day)->identity !=
        made->identity);
  folder.write("state/default.pem", "spoiled");
  CHECK(again.default_certificate({"master.test"}, test_now));
}

TEST_CASE("without write access nothing is made", "[server][store]") {
  Folder folder;
  Store store(folder.path("state"), Store::Access::read_only);
  store.prepare();
  CHECK_FALSE(store.default_certificate({"master.test"}, test_now));
  CHECK(store.save_last_good("a.test", *some("a.test"), "", options));
  CHECK_FALSE(folder.has("state"));
}

TEST_CASE("last good certificates come back by their key, names of every kind apart",
          "[server][store]") {
  Folder folder;
  Store store(folder.path("state"), Store::Access::read_write);
  store.prepare();
  const auto a = some("a.test");
  const auto b = some("b.test");
  for (const std::string& key :
       {std::string("a.test"), std::string("listener a_b"), std::string("listener a/../b")}) {
    REQUIRE(store.save_last_good(key, *a, "", options));
    CHECK(store.last_good(key, options)->identity == a->identity);
  }
  CHECK_FALSE(store.last_good("listener a b", options));
  CHECK_FALSE(store.last_good("listener.a_b", options));
  REQUIRE(store.save_last_good("a.test", *b, "", options));
  CHECK(store.last_good("a.test", options)->identity == b->identity);
  CHECK(store.last_good("listener a_b", options)->identity == a->identity);
  store.forget_all_but([](const std::string& key) { return key == "listener a/../b"; });
  CHECK_FALSE(store.last_good("a.test", options));
  CHECK(store.last_good("listener a/../b", options));
  store.forget_last_good("listener a/../b");
  CHECK_FALSE(store.last_good("listener a/../b", options));
}

TEST_CASE("a name too long for a file does not hold up the others", "[server][store]") {
  Folder folder;
  Store store(folder.path("state"), Store::Access::read_write);
  store.prepare();
  CHECK(store.save_last_good(std::string(250, 'a'), *some("a.test"), "", options));
  CHECK(store.warnings().empty());
}

TEST_CASE(
    "a directory that cannot be used is told of, served without, and used as soon as it can be",
    "[server][store]") {
  Folder folder;
  folder.write("state", "in the way");
  Store store(folder.path("state"), Store::Access::read_write);
  store.prepare();
  const auto made = store.default_certificate({"master.test"}, test_now);
  CHECK(made);
  CHECK_FALSE(store.save_last_good("a.test", *some("a.test"), "", options));
  std::string text = told(store.warnings());
  for (const char* subject : {"state_dir", "default certificate", "last good certificates"}) {
    CHECK_THAT(text, Contains(subject));
  }
  CHECK_THAT(text, Contains("warning") && !Contains("PRIVATE KEY"));
  folder.remove("state");
  store.prepare();
  CHECK(store.save_last_good("a.test", *some("a.test"), "", options));
  CHECK(store.warnings().empty());
  Store next(folder.path("state"), Store::Access::read_write);
  CHECK(next.default_certificate({"master.test"}, test_now)->identity == made->identity);
}

TEST_CASE("a copy that is spoiled or cut is written anew, one that is whole is left alone",
          "[server][store]") {
  Folder folder;
  Store store(folder.path("state"), Store::Access::read_write);
  store.prepare();
  const auto a = some("a.test");
  const std::string file = folder.path("state/last_good/a.test.pem");
  const auto save = [&] { REQUIRE(store.save_last_good("a.test", *a, "", options)); };
  const auto inode = [&] {
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    return info.st_ino;
  };
  save();
  const std::string whole = folder.read("state/last_good/a.test.pem");
  const auto first = inode();
  save();
  CHECK(inode() == first);
  std::string spoiled = whole;
  spoiled[whole.size() - 60] = spoiled[whole.size() - 60] == 'A' ? 'B' : 'A';
  for (const std::string& text :
       {spoiled, whole.substr(0, whole.size() / 2), whole.substr(0, 40), std::string(),
        whole.substr(whole.find("-----BEGIN"))}) {
    folder.write("state/last_good/a.test.pem", text);
    save();
    CHECK(folder.read("state/last_good/a.test.pem") == whole);
  }
}

TEST_CASE("a copy in the clear and an encrypted one never pass for each other", "[server][store]") {
  Folder folder;
  Store store(folder.path("state"), Store::Access::read_write);
  store.prepare();
  const auto a = some("a.test");
  const arbortls::cert::LoadOptions secret{"open sesame", test_now, nullptr};
  REQUIRE(store.save_last_good("a.test", *a, "", options));
  CHECK_THAT(folder.read("state/last_good/a.test.pem"), Contains("BEGIN EC PRIVATE KEY"));
  REQUIRE(store.save_last_good("a.test", *a, "open sesame", secret));
  CHECK_THAT(folder.read("state/last_good/a.test.pem"), Contains("BEGIN ENCRYPTED PRIVATE KEY"));
  CHECK(store.last_good("a.test", secret)->identity == a->identity);
  REQUIRE(store.save_last_good("a.test", *a, "", options));
  CHECK(store.last_good("a.test", options)->identity == a->identity);
}
