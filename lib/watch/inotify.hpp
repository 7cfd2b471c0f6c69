#pragma once
// The kernel's inotify queue as values. Knows directories by watch number only.

#include "base/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace arbortls::watch {

struct Event {
  int watch = -1;
  std::uint32_t mask = 0;  // IN_* of inotify(7)
  std::string_view name;   // valid during the call only
};

class Inotify {
 public:
  // Without a descriptor when `wanted` is false or the kernel refuses (limit of instances).
  explicit Inotify(bool wanted);

  int descriptor() const noexcept { return queue_.get(); }
  // The watch number; below 0 with errno set. Watching an inode again answers the same number and replaces the mask.
  int add(const std::string& directory, std::uint32_t mask) noexcept;
  void remove(int watch) noexcept;
  // Hands over what is queued, up to a bound (16 MiB) so that an endless writer cannot hold the caller.
  void drain(const std::function<void(const Event&)>& handle);

 private:
  UniqueFd queue_;
};

// Whether inotify misses changes there because other machines make them (NFS, SMB, FUSE, 9p, ...).
bool is_remote(const std::string& directory) noexcept;

}  // namespace arbortls::watch
