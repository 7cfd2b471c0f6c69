#pragma once
// Watcher: tells when the content behind a path may have changed. inotify on directories, never on files, plus
// polling where inotify cannot see. It knows paths only: no certificate, no Asio, no thread of its own.
//
// What a path may be: a file or a directory (then its direct entries count too). Either may be, or be reached through,
// symlinks (certbot's live/, `..data` swaps, `ln -sfn`): every directory that holds a link of the chain is watched too.
// It may not exist yet, vanish and come back.
// A rename into place (MOVED_TO), and a link made or replaced, is reported at once; in-place writes,
// creations and removals are reported when the path has been quiet for `settle`. A lost queue (overflow) reports every path. What is reported
// may have changed: the reader compares content. Paths are reported as they were given; for an entry of a
// watched directory, as `directory/entry`; the directory itself when any of its entries may have changed (it vanished,
// came back, was replaced, or a poll missed an entry).

#include "base/result.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace arbortls::watch {

using Clock = std::chrono::steady_clock;

struct Options {
  Clock::duration settle = std::chrono::milliseconds(300);
  Clock::duration poll_interval = std::chrono::seconds(30);  // stat signatures of everything (ctime, inode, size)
  bool inotify = true;  // false: polling alone
};

struct Changes {
  bool everything = false;         // treat every path as changed
  std::vector<std::string> paths;  // without repeats
  bool empty() const { return !everything && paths.empty(); }
};

class Watcher {
 public:
  explicit Watcher(Options options);  // falls back to polling alone when inotify is not to be had
  ~Watcher();
  Watcher(Watcher&&) noexcept;
  Watcher& operator=(Watcher&&) noexcept;

  // Replaces the set of watched paths; unchanged ones keep their watches. What changes after this call is reported,
  // so read the content after it.
  void set_paths(const std::vector<std::string>& directories, const std::vector<std::string>& files);

  // Readable when process() has something to read; -1 when only polling works.
  int descriptor() const noexcept;
  // When process() wants to be called even if the descriptor stays silent.
  Clock::time_point next_deadline() const noexcept;
  // Reads events, settles, polls; never blocks on the descriptor. Touches the file system: not for I/O threads.
  Changes process(Clock::time_point now);
  // "" or why some path is only polled (for status).
  std::string degraded() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arbortls::watch
