#include "watch/inotify.hpp"

#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace arbortls::watch {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr int most_reads = 256;

void hand_over(const char* bytes, std::size_t size, const std::function<void(const Event&)>& handle) {
  std::size_t at = 0;
  while (at + sizeof(inotify_event) <= size) {
    inotify_event head{};
    std::memcpy(&head, bytes + at, sizeof head);
    const char* name = bytes + at + sizeof head;
    handle({head.wd, head.mask, {name, ::strnlen(name, head.len)}});
    at += sizeof head + head.len;
  }
}

}  // namespace

Inotify::Inotify(bool wanted) : queue_(wanted ? ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1) {}

int Inotify::add(const std::string& directory, std::uint32_t mask) noexcept {
  return ::inotify_add_watch(queue_.get(), directory.c_str(), mask | IN_ONLYDIR);
}

void Inotify::remove(int watch) noexcept { ::inotify_rm_watch(queue_.get(), watch); }

void Inotify::drain(const std::function<void(const Event&)>& handle) {
  if (!queue_) return;
  std::vector<char> buffer(read_bytes);
  for (int reads = 0; reads < most_reads; ++reads) {
    const ssize_t n = ::read(queue_.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    hand_over(buffer.data(), static_cast<std::size_t>(n), handle);
  }
}

bool is_remote(const std::string& directory) noexcept {
  struct statfs info {};
  if (::statfs(directory.c_str(), &info) != 0) return false;
  constexpr std::uint32_t fuse = 0x65735546;
  constexpr std::uint32_t cifs = 0xFF534D42;
  constexpr std::uint32_t smb2 = 0xFE534D42;
  constexpr std::uint32_t ceph = 0x00c36400;
  constexpr std::uint32_t plan9 = 0x01021997;
  switch (static_cast<std::uint32_t>(info.f_type)) {
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case AFS_SUPER_MAGIC:
    case CODA_SUPER_MAGIC:
    case fuse:
    case cifs:
    case smb2:
    case ceph:
    case plan9: return true;
    default: return false;
  }
}

}  // namespace arbortls::watch
