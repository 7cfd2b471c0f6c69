#include "watch/watcher.hpp"

#include "unit/watch/folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace arbortls::watch {
namespace {

using namespace test;

Options polling() {
  Options options;
  options.inotify = false;
  options.poll_interval = 10s;
  return options;
}

TEST_CASE("Polling alone says so and has no descriptor") {
  Bench bench(polling());
  CHECK(bench.watcher.descriptor() == -1);
  CHECK(bench.watcher.degraded().find("polled every 10 s") != std::string::npos);
}

TEST_CASE("Polling alone finds what changed, at its interval and not before") {
  const Folder folder;
  folder.make("d");
  folder.write("d/kept.pem", "1");
  folder.write("d/gone.pem", "1");
  folder.write("a.pem", "1");
  Bench bench(polling());
  bench.watch({folder.path("d")}, {folder.path("a.pem"), folder.path("later/b.pem")});
  CHECK(bench.watcher.next_deadline() == bench.now + 10s);
  folder.replace("a.pem", "2");
  folder.replace("d/new.pem", "2");
  folder.remove("d/gone.pem");
  folder.make("later");
  folder.write("later/b.pem", "2");
  CHECK(bench.pass(9s).empty());
  const Changes changes = bench.pass(1s);
  CHECK(has(changes, folder.path("a.pem")));
  CHECK(has(changes, folder.path("d/new.pem")));
  CHECK(has(changes, folder.path("d")));  // stands for the removed entry
  CHECK(has(changes, folder.path("later/b.pem")));
  CHECK_FALSE(has(changes, folder.path("d/kept.pem")));
  CHECK(bench.pass(20s).empty());
}

TEST_CASE("Polling finds a file whose date was set back to what it was") {
  const Folder folder;
  folder.write("a.pem", "old");
  struct stat before {};
  REQUIRE(::stat(folder.path("a.pem").c_str(), &before) == 0);
  Bench bench(polling());
  bench.watch({}, {folder.path("a.pem")});
  folder.replace("a.pem", "new");
  const timespec times[2] = {before.st_atim, before.st_mtim};
  REQUIRE(::utimensat(AT_FDCWD, folder.path("a.pem").c_str(), times, 0) == 0);
  CHECK(has(bench.pass(10s), folder.path("a.pem")));
}

TEST_CASE("Polling sees through swapped links") {
  const Folder folder;
  folder.make("v1");
  folder.make("v2");
  folder.write("v1/a.pem", "1");
  folder.write("v2/a.pem", "2");
  folder.link("now", "v1");
  Bench bench(polling());
  bench.watch({folder.path("now")}, {folder.path("now/a.pem")});
  folder.link("now", "v2");
  CHECK(has(bench.pass(10s), folder.path("now/a.pem")));
}

TEST_CASE("What a poll finds half made is looked at again soon") {
  const Folder folder;
  folder.write("a.pem", "1");
  Bench bench(polling());
  bench.watch({}, {folder.path("a.pem")});
  folder.append("a.pem", "half");
  CHECK_FALSE(bench.pass(10s).empty());
  folder.append("a.pem", "whole");
  CHECK(bench.watcher.next_deadline() <= bench.now + 2s);
  CHECK(has(bench.pass(2s), folder.path("a.pem")));
}

TEST_CASE("A directory that vanishes is found by polling, and its return too") {
  const Folder folder;
  folder.make("d");
  folder.write("d/a.pem", "1");
  Bench bench(polling());
  bench.watch({folder.path("d")}, {});
  folder.rename("d", "away");
  CHECK(has(bench.pass(10s), folder.path("d")));
  folder.rename("away", "d");
  CHECK(has(bench.pass(10s), folder.path("d/a.pem")));
}

}  // namespace
}  // namespace arbortls::watch
