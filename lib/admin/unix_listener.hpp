#pragma once
// A listening UNIX stream socket that takes its path over politely and gives it back.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <string>

namespace arbortls::admin {

class UnixListener {
 public:
  // See ControlServer::start for what is created, replaced and refused.
  static Result<UnixListener> open(const std::string& path, mode_t mode);

  UnixListener(UnixListener&&) noexcept = default;
  UnixListener& operator=(UnixListener&&) = delete;

  // The descriptor, given away.
  int release() noexcept { return fd_.release(); }
  // Removes the socket file unless somebody has put another in its place.
  void unlink_if_ours() const noexcept;

 private:
  UnixListener(UniqueFd fd, std::string path, dev_t device, ino_t inode)
      : fd_(std::move(fd)), path_(std::move(path)), device_(device), inode_(inode) {}

  UniqueFd fd_;
  std::string path_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace arbortls::admin
