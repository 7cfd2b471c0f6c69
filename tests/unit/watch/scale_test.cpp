// Many paths. The full size runs on demand: unit_watch "[stress]".

#include "watch/watcher.hpp"

#include "base/unique_fd.hpp"
#include "unit/watch/folder.hpp"

#include <fcntl.h>
#include <sys/resource.h>

namespace arbortls::watch {
namespace {

using namespace test;

std::size_t watches_of(const Watcher& watcher) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(watcher.descriptor()));
  std::size_t count = 0;
  for (std::string line; std::getline(info, line);) count += line.starts_with("inotify wd:") ? 1U : 0U;
  return count;
}

void touch(const std::string& path) { UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); }

double seconds_for(const auto& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void many_files_in_one_directory(int files) {
  const Folder folder;
  folder.make("d");
  for (int i = 0; i < files; ++i) touch(folder.path("d/" + std::to_string(i)));
  Bench bench;
  bench.watch({folder.path("d")}, {});
  // One for the directory, one for each directory above it.
  const std::string directory = folder.path("d");
  const auto above = std::count(directory.begin(), directory.end(), '/');
  CHECK(watches_of(bench.watcher) == static_cast<std::size_t>(above) + 1);
  folder.write("x", "1");
  folder.rename("x", "d/7");
  Changes changes;
  const double event = seconds_for([&] { changes = bench.at_once(); });
  CHECK(changes.paths == std::vector{folder.path("d/7")});
  const double poll = seconds_for([&] { changes = bench.pass(30s); });
  CHECK(changes.empty());
  INFO(files << " files: an event " << event * 1e6 << " us, a poll " << poll << " s");
  CHECK(event < 0.05);
  CHECK(poll < 10);
}

void many_files_in_many_directories(int files) {
  const Folder folder;
  std::vector<std::string> paths;
  for (int i = 0; i < files; ++i) {
    folder.make(std::to_string(i));
    paths.push_back(folder.path(std::to_string(i) + "/a.pem"));
    touch(paths.back());
  }
  Bench bench;
  const double first = seconds_for([&] { bench.watch({}, paths); });
  CHECK(bench.watcher.degraded().empty());
  const double again = seconds_for([&] { bench.watch({}, paths); });
  folder.replace("5/a.pem", "2");
  Changes changes;
  const double event = seconds_for([&] { changes = bench.at_once(); });
  CHECK(changes.paths == std::vector{paths[5]});
  folder.replace("6/a.pem", "2");
  const double second = seconds_for([&] { bench.at_once(); });
  const double poll = seconds_for([&] { changes = bench.pass(30s); });
  CHECK(changes.empty());
  const double drop = seconds_for([&] { bench.watcher.set_paths({}, {paths[0]}); });
  INFO(files << " directories: set " << first << " s, again " << again << " s, an event " << event * 1e6
             << " us, the next " << second * 1e6 << " us, a poll " << poll << " s, dropped " << drop << " s");
  CHECK(event < 0.05);
  CHECK(drop < 10);
}

TEST_CASE("A directory of many files costs one watch, and an event costs the same") { many_files_in_one_directory(2000); }
TEST_CASE("A directory of 100,000 files", "[.][stress]") { many_files_in_one_directory(100'000); }
TEST_CASE("Many files, each in a directory of its own, are all watched") { many_files_in_many_directories(1000); }
TEST_CASE("100,000 files, each in a directory of its own", "[.][stress]") { many_files_in_many_directories(100'000); }

TEST_CASE("Without a descriptor for inotify everything is polled") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{0, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  Bench bench;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(bench.watcher.descriptor() == -1);
  const Folder folder;
  folder.write("a.pem", "1");
  bench.watch({}, {folder.path("a.pem")});
  CHECK_FALSE(bench.watcher.degraded().empty());
  folder.replace("a.pem", "2");
  CHECK(has(bench.pass(30s), folder.path("a.pem")));
}

}  // namespace
}  // namespace arbortls::watch
