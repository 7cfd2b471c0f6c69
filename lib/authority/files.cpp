#include "authority/files.hpp"

#include "base/file.hpp"
#include "cert/load.hpp"
#include "cert/material.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace arbortls::authority {
namespace {

constexpr std::size_t most_bytes = 64 * 1024;

Error system_error(const std::string& path, const char* doing) {
  return error(path + ": " + doing + ": " + std::strerror(errno));
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

Result<void> give_to_parents_owner(const std::string& path) {
  struct stat parent {};
  if (::geteuid() != 0 || ::stat(parent_of(path).c_str(), &parent) != 0 || parent.st_uid == 0)
    return {};
  if (::lchown(path.c_str(), parent.st_uid, parent.st_gid) != 0)
    return system_error(path, "cannot give it to its directory's owner");
  return {};
}

Result<void> check_owner_only(const std::string& path) {
  struct stat info {};
  struct stat parent {};
  if (::stat(path.c_str(), &info) != 0) return system_error(path, "cannot open");
  if (::stat(parent_of(path).c_str(), &parent) != 0) return system_error(path, "cannot stat");
  if ((info.st_mode & 077) != 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(info.st_mode & 07777));
    return error(path + ": others may use this key (its mode is " + mode +
                 "): set it to 0600 and consider the key known");
  }
  if (info.st_uid != 0 && info.st_uid != ::geteuid() && info.st_uid != parent.st_uid)
    return error(path + ": belongs to another user than its directory");
  return {};
}

}  // namespace

Result<RootCertificate> read_root_file(const std::string& path) {
  const auto text = read_file(path, most_bytes);
  if (!text) return text.error();
  auto root = read_root(*text);
  if (!root) return error(path + ": " + root.error().message);
  return root;
}

Result<openssl::EvpPkeyPtr> read_key_file(const std::string& path, const std::string& passphrase) {
  if (const auto safe = check_owner_only(path); !safe) return safe.error();
  auto text = read_file(path, most_bytes);
  if (!text) return text.error();
  cert::Desk desk(nullptr);
  cert::Material material;
  const auto added = cert::add_pem(material, *text, passphrase, desk);
  cert::wipe(*text);
  if (!added) return error(path + ": " + added.error().message);
  if (material.keys.size() != 1) return error(path + ": exactly one private key is expected");
  return std::move(material.keys.front().key);
}

bool is_there(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

Result<void> write_file_for_owner(const std::string& path, std::string_view content, mode_t mode) {
  if (const auto written = write_file_atomically(path, content, mode); !written)
    return written.error();
  // The process's umask may have taken what a public file needs.
  if (::chmod(path.c_str(), mode) != 0) return system_error(path, "cannot set its mode");
  return give_to_parents_owner(path);
}

Result<UniqueFd> hold_directory(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(parent_of(path), failed);
  if (::mkdir(path.c_str(), 0700) == 0) {
    if (const auto given = give_to_parents_owner(path); !given) return given.error();
  } else if (errno != EEXIST) {
    return system_error(path, "cannot create");
  }
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return system_error(path, "cannot open");
  if (::flock(directory.get(), LOCK_EX) != 0) return system_error(path, "cannot lock");
  return directory;
}

}  // namespace arbortls::authority
