#include "server/file_state.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace arbortls::server {
namespace {

// File times come from a clock that ticks every 1 to 10 ms.
constexpr std::int64_t tick_room = 50'000'000;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

FileState mix(FileState seed, auto value) noexcept {
  FileState hash =
      seed ^ (static_cast<FileState>(value) + 0x9E3779B97F4A7C15U + (seed << 12U) + (seed >> 4U));
  hash *= 0xFF51AFD7ED558CCDU;
  return hash ^ (hash >> 33U);
}

}  // namespace

FileState state_of(const std::string& path) noexcept {
  struct stat info {};
  if (path.empty()) return absent;
  if (::stat(path.c_str(), &info) != 0) return errno == ENOENT ? absent : unsure;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (nanoseconds(now) - nanoseconds(info.st_ctim) < tick_room) return unsure;
  FileState hash = mix(mix(info.st_dev, info.st_ino), info.st_size);
  hash = mix(mix(hash, nanoseconds(info.st_ctim)), nanoseconds(info.st_mtim));
  return std::max<FileState>(hash, 2);
}

FileState both(FileState a, FileState b) noexcept {
  if (a == unsure || b == unsure) return unsure;
  return std::max<FileState>(mix(a, b), 2);
}

}  // namespace arbortls::server
