#include "watch/watcher.hpp"

#include "unit/watch/folder.hpp"

namespace arbortls::watch {
namespace {

using namespace test;

TEST_CASE("A rename over a watched file is reported at once and once") {
  const Folder folder;
  folder.write("a.pem", "old");
  Bench bench;
  bench.watch({}, {folder.path("a.pem")});
  CHECK(bench.watcher.degraded().empty());
  folder.replace("a.pem", "new");
  const Changes changes = bench.at_once();
  CHECK(changes.paths == std::vector{folder.path("a.pem")});
  CHECK_FALSE(changes.everything);
  CHECK(bench.pass(1s).empty());
  CHECK(bench.pass(60s).empty());  // the poll knows it already
}

TEST_CASE("A rename into a watched directory is reported as directory/entry") {
  const Folder folder;
  folder.make("d");
  Bench bench;
  bench.watch({folder.path("d")}, {});
  folder.write("new.pem", "x");
  folder.rename("new.pem", "d/new.pem");
  CHECK(bench.at_once().paths == std::vector{folder.path("d/new.pem")});
  CHECK(bench.pass(60s).empty());
}

TEST_CASE("A file written in pieces is reported when it has been quiet") {
  const Folder folder;
  folder.write("a.pem", "");
  Bench bench;
  bench.watch({}, {folder.path("a.pem")});
  for (int piece = 0; piece < 5; ++piece) {
    folder.append("a.pem", "piece");
    CHECK(bench.at_once().empty());
    CHECK(bench.watcher.next_deadline() <= bench.now + 300ms);
    CHECK(bench.pass(200ms).empty());
  }
  CHECK(has(bench.pass(100ms), folder.path("a.pem")));
  CHECK(bench.pass(10s).empty());
}

TEST_CASE("A file that is never quiet is reported all the same") {
  const Folder folder;
  folder.write("a.pem", "");
  Bench bench;
  bench.watch({}, {folder.path("a.pem")});
  int reported = 0;
  for (int piece = 0; piece < 40; ++piece) {
    folder.append("a.pem", "piece");
    reported += has(bench.at_once(), folder.path("a.pem")) ? 1 : 0;
    bench.now += 200ms;
  }
  CHECK(reported >= 1);
  CHECK(reported <= 4);
}

TEST_CASE("Removal settles, and a rename during the settling ends the wait") {
  const Folder folder;
  folder.write("d-a", "x");
  Bench bench;
  bench.watch({}, {folder.path("d-a")});
  folder.remove("d-a");
  CHECK(bench.at_once().empty());
  CHECK(has(bench.pass(300ms), folder.path("d-a")));
  folder.write("d-a", "half");
  CHECK(bench.at_once().empty());
  folder.replace("d-a", "whole");
  CHECK(has(bench.at_once(), folder.path("d-a")));
  CHECK(bench.pass(300ms).empty());
}

TEST_CASE("Other files beside a watched one are not reported") {
  const Folder folder;
  folder.write("a.pem", "x");
  Bench bench;
  bench.watch({}, {folder.path("a.pem")});
  folder.write("b.pem", "x");
  folder.rename("b.pem", "c.pem");
  CHECK(bench.settled().empty());
}

TEST_CASE("Temporary files in a watched directory are reported like others") {
  const Folder folder;
  folder.make("d");
  Bench bench;
  bench.watch({folder.path("d")}, {});
  for (const char* name : {"d/.a.pem.swp", "d/a.pem.new", "d/a.pem~"}) {
    folder.write(name, "x");
    CHECK(has(bench.settled(), folder.path(name)));
  }
}

TEST_CASE("A swapped symlink to a file is reported at once, and the new target is watched") {
  const Folder folder;
  folder.make("one");
  folder.make("two");
  folder.write("one/a.pem", "1");
  folder.write("two/a.pem", "2");
  folder.link("a.pem", "one/a.pem");
  Bench bench;
  bench.watch({}, {folder.path("a.pem")});
  folder.link("a.pem", "two/a.pem");
  CHECK(has(bench.at_once(), folder.path("a.pem")));
  folder.replace("two/a.pem", "3");
  CHECK(has(bench.at_once(), folder.path("a.pem")));
  folder.replace("one/a.pem", "4");
  CHECK(bench.settled().empty());
}

TEST_CASE("A swapped symlink to a directory is reported at once for all that is reached through it") {
  const Folder folder;
  folder.make("v1");
  folder.make("v2");
  folder.write("v1/a.pem", "1");
  folder.write("v2/a.pem", "2");
  folder.link("now", "v1");
  Bench bench;
  bench.watch({folder.path("now")}, {folder.path("now/a.pem")});
  folder.link("now", folder.path("v2"));
  const Changes changes = bench.at_once();
  CHECK(has(changes, folder.path("now")));
  CHECK(has(changes, folder.path("now/a.pem")));
  folder.replace("v2/b.pem", "new");
  CHECK(has(bench.at_once(), folder.path("now/b.pem")));
}

TEST_CASE("A Kubernetes volume update is reported for its entries, and again after the old directory is gone") {
  const Folder folder;
  folder.make("d/..2026_1");
  folder.write("d/..2026_1/a.pem", "1");
  folder.link("d/..data", "..2026_1");
  folder.link("d/a.pem", "..data/a.pem");
  Bench bench;
  bench.watch({folder.path("d")}, {});
  for (int version = 2; version < 5; ++version) {
    const std::string next = "..2026_" + std::to_string(version);
    folder.make("d/" + next);
    folder.write("d/" + next + "/a.pem", "next");
    folder.link("d/..data", next);
    folder.remove("d/..2026_" + std::to_string(version - 1));
    CHECK(has(bench.at_once(), folder.path("d/a.pem")));
    bench.pass(1s);
  }
}

TEST_CASE("certbot's live directory is followed into its archive") {
  const Folder folder;
  folder.make("archive/n");
  folder.make("live/n");
  folder.write("archive/n/fullchain1.pem", "1");
  folder.link("live/n/fullchain.pem", "../../archive/n/fullchain1.pem");
  Bench bench;
  bench.watch({folder.path("live/n")}, {});
  folder.write("archive/n/fullchain2.pem", "2");
  folder.remove("live/n/fullchain.pem");
  fs::create_symlink("../../archive/n/fullchain2.pem", folder.path("live/n/fullchain.pem"));
  CHECK(has(bench.at_once(), folder.path("live/n/fullchain.pem")));
  bench.pass(1s);
  folder.append("archive/n/fullchain2.pem", "more");
  CHECK(has(bench.settled(), folder.path("live/n/fullchain.pem")));
  folder.replace("archive/n/fullchain2.pem", "whole");
  CHECK(has(bench.at_once(), folder.path("live/n/fullchain.pem")));
}

TEST_CASE("A directory renamed away and back is watched again") {
  const Folder folder;
  folder.make("up/d");
  folder.write("up/d/a.pem", "1");
  const std::string moved = GENERATE("up", "up/d");
  Bench bench;
  bench.watch({folder.path("up/d")}, {folder.path("up/d/a.pem")});
  folder.rename(moved, "away");
  CHECK(has(bench.settled(), folder.path("up/d")));
  fs::rename(folder.path("away"), folder.path(moved));
  CHECK(has(bench.settled(), folder.path("up/d/a.pem")));
  folder.replace("up/d/a.pem", "2");
  CHECK(has(bench.at_once(), folder.path("up/d/a.pem")));
}

TEST_CASE("Another directory renamed into the place of a watched one is watched") {
  const Folder folder;
  folder.make("d");
  folder.make("next");
  folder.write("next/a.pem", "1");
  Bench bench;
  bench.watch({folder.path("d")}, {});
  folder.rename("d", "old");
  folder.rename("next", "d");
  CHECK(has(bench.at_once(), folder.path("d")));
  folder.replace("d/a.pem", "2");
  CHECK(has(bench.at_once(), folder.path("d/a.pem")));
  bench.pass(1s);  // the temporary file's own report
  folder.write("old/b.pem", "x");
  CHECK(bench.settled().empty());
}

TEST_CASE("A directory removed and made again is watched again") {
  const Folder folder;
  folder.make("d");
  folder.write("d/a.pem", "1");
  Bench bench;
  bench.watch({folder.path("d")}, {folder.path("d/a.pem")});
  folder.remove("d");
  const Changes gone = bench.settled();
  CHECK(has(gone, folder.path("d")));
  CHECK(has(gone, folder.path("d/a.pem")));
  folder.make("d");
  folder.write("d/a.pem", "2");
  CHECK(has(bench.settled(), folder.path("d/a.pem")));
  folder.replace("d/a.pem", "3");
  CHECK(has(bench.at_once(), folder.path("d/a.pem")));
}

TEST_CASE("A file that comes later in a directory that comes later is reported") {
  const Folder folder;
  Bench bench;
  bench.watch({}, {folder.path("x/y/a.pem")});
  folder.make("x");
  bench.settled();
  folder.make("x/y");
  bench.settled();
  folder.write("x/y/a.pem", "1");
  CHECK(has(bench.settled(), folder.path("x/y/a.pem")));
  folder.replace("x/y/a.pem", "2");
  CHECK(has(bench.at_once(), folder.path("x/y/a.pem")));
}

TEST_CASE("Paths keep their form, and a path that is dropped is silent") {
  const Folder folder;
  folder.make("d");
  folder.write("a.pem", "1");
  const std::string slashed = folder.path("d") + "/";
  const std::string dotted = folder.path("d") + "/../a.pem";
  Bench bench;
  bench.watch({slashed}, {dotted});
  folder.replace("a.pem", "2");
  CHECK(bench.at_once().paths == std::vector{dotted});
  folder.replace("d/x", "1");
  CHECK(has(bench.at_once(), slashed + "x"));
  bench.pass(1s);
  bench.watch({slashed}, {});
  folder.replace("a.pem", "3");
  CHECK(bench.settled().empty());
  folder.replace("d/x", "2");
  CHECK(has(bench.at_once(), slashed + "x"));
}

TEST_CASE("A queue that overflows reports everything and watching goes on") {
  std::size_t limit = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> limit;
  const bool reachable = limit > 0 && limit <= 100'000;
  if (!reachable) limit = 1000;
  const Folder folder;
  folder.make("d");
  Bench bench;
  bench.watch({folder.path("d")}, {});
  folder.write("d/0", "");
  folder.write("d/1", "");
  // Two names in turn, so that the kernel cannot merge equal events.
  for (std::size_t i = 0; i < limit; ++i) {
    ::truncate(folder.path(i % 2 == 0 ? "d/0" : "d/1").c_str(), static_cast<off_t>(i % 7));
  }
  CHECK(bench.at_once().everything == reachable);
  bench.pass(1s);
  folder.replace("d/a.pem", "1");
  CHECK(has(bench.at_once(), folder.path("d/a.pem")));
}

}  // namespace
}  // namespace arbortls::watch
