#pragma once
// A temporary directory and a watcher whose time the test holds in its hand.

#include "watch/watcher.hpp"

#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace arbortls::watch::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "arbortls-watch-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root_ = fs::canonical(pattern);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (root_ / name).string(); }
  void make(const std::string& name) const { fs::create_directories(root_ / name); }
  void write(const std::string& name, const std::string& content) const { std::ofstream(path(name)) << content; }
  void append(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::app) << content;
  }
  // As a careful writer does: beside it, then renamed over.
  void replace(const std::string& name, const std::string& content) const {
    write(name + ".tmp", content);
    fs::rename(path(name + ".tmp"), path(name));
  }
  // As `ln -sfn` does.
  void link(const std::string& name, const std::string& target) const {
    fs::remove(path(name + ".lnk"));
    fs::create_symlink(target, path(name + ".lnk"));
    fs::rename(path(name + ".lnk"), path(name));
  }
  void rename(const std::string& from, const std::string& to) const { fs::rename(path(from), path(to)); }
  void remove(const std::string& name) const { fs::remove_all(path(name)); }

 private:
  fs::path root_;
};

// Holds the watcher's time: nothing passes but what pass() adds.
class Bench {
 public:
  explicit Bench(Options options = {}) : watcher(options) {}

  // Starts watching; what happened before is not reported.
  void watch(const std::vector<std::string>& directories, const std::vector<std::string>& files) {
    watcher.set_paths(directories, files);
    watcher.process(now);
  }
  // What is reported without any time passing; waits for the kernel's word, not for the clock.
  Changes at_once() {
    pollfd readable{watcher.descriptor(), POLLIN, 0};
    if (readable.fd >= 0) ::poll(&readable, 1, 1000);
    return watcher.process(now);
  }
  Changes pass(Clock::duration time) {
    now += time;
    return watcher.process(now);
  }
  Changes settled() {
    Changes changes = at_once();
    const Changes later = pass(300ms);
    changes.everything |= later.everything;
    changes.paths.insert(changes.paths.end(), later.paths.begin(), later.paths.end());
    return changes;
  }

  Clock::time_point now{1000h};
  Watcher watcher;
};

inline bool has(const Changes& changes, const std::string& path) {
  return std::find(changes.paths.begin(), changes.paths.end(), path) != changes.paths.end();
}

}  // namespace arbortls::watch::test
