#include "base/file.hpp"

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace arbortls {
namespace {

Error system_error(const std::string& path, const char* doing) {
  return error(path + ": " + doing + ": " + std::strerror(errno));
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const auto n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return system_error(path, "cannot open");
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return system_error(path, "cannot stat");
  if (S_ISDIR(info.st_mode)) return error(path + ": is a directory, a file is expected");
  if (!S_ISREG(info.st_mode)) return error(path + ": is not a regular file");
  const auto too_large = [&] {
    return error(path + ": is larger than " + std::to_string(limit) + " bytes");
  };
  if (static_cast<std::size_t>(info.st_size) > limit) return too_large();
  std::string content(static_cast<std::size_t>(info.st_size) + 1, '\0');
  std::size_t used = 0;
  for (;;) {
    if (used == content.size()) content.resize(content.size() * 2);
    const auto n = ::read(fd.get(), content.data() + used, content.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(path, "cannot read");
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (used > limit) return too_large();
  }
  content.resize(used);
  return content;
}

Result<void> write_file_atomically(const std::string& path, std::string_view content, mode_t mode) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return system_error(temporary, "cannot create");
  if (!write_all(fd.get(), content) || ::fsync(fd.get()) != 0) {
    const Error failed = system_error(temporary, "cannot write");
    ::unlink(temporary.c_str());
    return failed;
  }
  fd.reset();
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    const Error failed = system_error(path, "cannot rename into place");
    ::unlink(temporary.c_str());
    return failed;
  }
  return {};
}

}  // namespace arbortls
