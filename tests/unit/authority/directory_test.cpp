#include "authority/directory.hpp"

#include "unit/authority/support.hpp"

#include <sys/stat.h>

using namespace arbortls;
using namespace arbortls::authority;
using namespace arbortls::test;
using Catch::Matchers::Contains;

namespace fs = std::filesystem;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

std::string content(const std::string& path) { return must(read_file(path, 1 << 20)); }

void write(const std::string& path, const std::string& text, mode_t mode = 0600) {
  must(write_file_atomically(path, text, mode));
}

struct Made {
  Folder folder;
  Directory directory{folder / "state/ca"};
  Authority root = must(directory.make(root_wish(), {}, test_now));

  std::string file(const std::string& name) const { return directory.path() + "/" + name; }
  std::string load_error(const std::string& passphrase = {}) const {
    return error_of(directory.load(passphrase, test_now));
  }
};

}  // namespace

TEST_CASE("a root is made once, its key for its owner only, and loads as it was made",
          "[authority]") {
  const mode_t before = ::umask(GENERATE(0, 077));
  const Made made;
  ::umask(before);
  CHECK(mode_of(made.directory.path()) == 0700);
  CHECK(mode_of(made.file("root.key")) == 0600);
  CHECK(mode_of(made.file("root.crt")) == 0644);
  const auto loaded = must(made.directory.load({}, test_now));
  CHECK(loaded.root.root().der == made.root.root().der);
  CHECK_FALSE(loaded.next);
  CHECK(must(made.directory.load_roots()).root.der == made.root.root().der);
  CHECK_THAT(error_of(made.directory.make(root_wish(), {}, test_now)),
             Contains("root.crt: is there already"));
  CHECK(must(made.directory.load_roots()).root.der == made.root.root().der);
}

TEST_CASE("where there is no root the command that makes one is named", "[authority]") {
  const Folder folder;
  const Directory directory(folder / "ca");
  CHECK_FALSE(directory.exists());
  CHECK_THAT(error_of(directory.load({}, test_now)), Contains("`arbortls ca init`"));
  CHECK_THAT(error_of(directory.load_roots()), Contains("`arbortls ca init`"));
  CHECK_THAT(error_of(directory.make_next(root_wish(), {}, test_now)), Contains("no root yet"));
  CHECK_THAT(error_of(directory.use_next()), Contains("no root yet"));
  CHECK_FALSE(fs::exists(directory.path()));
}

TEST_CASE("a key with a passphrase opens with it, and with no other", "[authority]") {
  const Folder folder;
  const Directory directory(folder / "ca");
  must(directory.make(root_wish(), "correct horse", test_now));
  CHECK_THAT(content(directory.path() + "/root.key"), Contains("BEGIN ENCRYPTED PRIVATE KEY"));
  CHECK(directory.load("correct horse", test_now).has_value());
  const auto wrong = error_of(directory.load("battery staple", test_now));
  CHECK_THAT(wrong, Contains("root.key") && Contains("wrong passphrase"));
  CHECK_THAT(wrong, !Contains("battery"));
  CHECK_THAT(error_of(directory.load({}, test_now)), Contains("no passphrase is given"));
  CHECK(directory.load_roots().has_value());
}

TEST_CASE("a key that others may touch is refused", "[authority]") {
  const Made made;
  const auto mode = GENERATE(0640, 0604, 0620, 0644, 0666);
  fs::permissions(made.file("root.key"), static_cast<fs::perms>(mode));
  CHECK_THAT(made.load_error(), Contains("root.key: others may use this key"));
}

TEST_CASE("damaged and torn files are told by name", "[authority]") {
  const Made made;
  const auto [file, keep] = GENERATE(table<std::string, int>(
      {{"root.key", 0}, {"root.key", 50}, {"root.key", 120}, {"root.crt", 0}, {"root.crt", 300}}));
  const std::string path = made.file(file);
  write(path, content(path).substr(0, static_cast<std::size_t>(keep)));
  CHECK_THAT(made.load_error(), Contains(file));
}

TEST_CASE("a key of another root is refused", "[authority]") {
  const Made made;
  const Made other;
  write(made.file("root.key"), content(other.file("root.key")));
  CHECK_THAT(made.load_error(), Contains("root.key: the key is not this certificate's"));
}

TEST_CASE("an expired root does not load, but shows", "[authority]") {
  const Made made;
  const std::int64_t late = made.root.root().not_after + 1;
  CHECK_THAT(error_of(made.directory.load({}, late)),
             Contains("expired on") && Contains("`arbortls ca renew-root`"));
  CHECK(made.directory.load_roots().has_value());
  CHECK(made.directory.make_next(root_wish(), {}, late).has_value());
}

TEST_CASE("a making that was cut off after its key is finished with that key", "[authority]") {
  const Made made;
  fs::remove(made.file("root.crt"));
  CHECK_FALSE(made.directory.exists());
  const std::string key = content(made.file("root.key"));
  must(made.directory.make(root_wish(), {}, test_now));
  CHECK(content(made.file("root.key")) == key);
  CHECK(made.directory.load({}, test_now).has_value());
}

TEST_CASE("a next root signs what the first may not, until it takes its place", "[authority]") {
  const Made made;
  const auto wish = leaf_wish({"new.example"});
  CHECK_THAT(error_of(must(made.directory.load({}, test_now)).issue(wish, test_now)),
             Contains("may not sign for new.example") && Contains("`arbortls ca renew-root`"));
  CHECK_THAT(error_of(made.directory.use_next()), Contains("there is no next root"));

  const auto next =
      must(made.directory.make_next(root_wish({"pbx.example", "new.example"}), {}, test_now));
  CHECK_THAT(error_of(made.directory.make_next(root_wish(), {}, test_now)),
             Contains("next.crt: is there already"));
  const auto both = must(made.directory.load({}, test_now));
  const auto next_signs = [&](const std::string& name) {
    const auto leaf = must(both.issue(leaf_wish({name}), test_now));
    const auto trusted = x509_of(next.root().pem());
    return judged(x509_of(leaf.certificate_pem).get(), trusted.get(), name) == X509_V_OK;
  };
  CHECK_FALSE(next_signs("pbx.example"));
  CHECK(next_signs("new.example"));

  must(made.directory.use_next());
  const auto after = must(made.directory.load({}, test_now));
  CHECK(after.root.root().der == next.root().der);
  CHECK_FALSE(after.next);
  CHECK(fs::exists(made.file("old-" + made.root.root().serial + ".crt")));
  CHECK_FALSE(fs::exists(made.file("next.key")));
}

TEST_CASE("a change of roots that was cut off at any step loads, and can be finished",
          "[authority]") {
  const Made made;
  const auto next = must(made.directory.make_next(root_wish({"new.example"}), {}, test_now));
  // As after the first of the two renames.
  fs::rename(made.file("next.key"), made.file("root.key"));
  CHECK(must(made.directory.load({}, test_now)).root.root().der == next.root().der);
  CHECK_FALSE(must(made.directory.load_roots()).next);
  SECTION("by using the next root again") { must(made.directory.use_next()); }
  SECTION("by the next change") { must(made.directory.make_next(root_wish(), {}, test_now)); }
  CHECK(must(made.directory.load({}, test_now)).root.root().der == next.root().der);
  CHECK(must(read_root(content(made.file("root.crt")))).der == next.root().der);
}

TEST_CASE("a directory that cannot be made is told", "[authority]") {
  const Folder folder;
  write(folder / "file", "x");
  const Directory directory(folder / "file/ca");
  CHECK_THAT(error_of(directory.make(root_wish(), {}, test_now)),
             Contains("file/ca: cannot create"));
}
