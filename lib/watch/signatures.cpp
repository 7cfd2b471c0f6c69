#include "watch/signatures.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <functional>
#include <memory>

namespace arbortls::watch {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) noexcept {
  hash ^= value + 0x9E3779B97F4A7C15U + (hash << 12U) + (hash >> 4U);
  hash *= 0xFF51AFD7ED558CCDU;
  return hash ^ (hash >> 33U);
}

std::uint64_t number(auto value) noexcept { return static_cast<std::uint64_t>(value); }

Signature stat_at(int directory, const char* name) noexcept {
  struct stat info {};
  if (::fstatat(directory, name, &info, 0) != 0) return 0;
  std::uint64_t hash = mix(number(info.st_dev), number(info.st_ino));
  hash = mix(hash, number(info.st_size));
  hash = mix(mix(hash, number(info.st_ctim.tv_sec)), number(info.st_ctim.tv_nsec));
  hash = mix(mix(hash, number(info.st_mtim.tv_sec)), number(info.st_mtim.tv_nsec));
  return hash == 0 ? 1 : hash;
}

template <typename Visit>
void for_each_entry(const std::string& path, Visit visit) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (!directory) return;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") visit(::dirfd(directory.get()), *entry);
  }
}

}  // namespace

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) noexcept {
  return mix(seed, std::hash<std::string_view>{}(bytes));
}

Signature signature_of(const std::string& path) noexcept { return stat_at(AT_FDCWD, path.c_str()); }

DirectorySignatures::Difference DirectorySignatures::update(const std::string& directory) {
  Difference difference;
  std::unordered_map<std::uint64_t, Signature> now;
  now.reserve(by_name_.size());
  std::size_t known = 0;
  for_each_entry(directory, [&](int descriptor, const dirent& entry) {
    const std::uint64_t key = hash_bytes(entry.d_name);
    const Signature signature = stat_at(descriptor, entry.d_name);
    const auto before = by_name_.find(key);
    if (!now.try_emplace(key, signature).second) return;
    if (before != by_name_.end()) ++known;
    if (before == by_name_.end() || before->second != signature) difference.entries.emplace_back(entry.d_name);
  });
  difference.removed = known < by_name_.size();
  by_name_ = std::move(now);
  return difference;
}

void DirectorySignatures::update_entry(const std::string& directory, const std::string& entry) {
  const std::string path = directory + "/" + entry;
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) by_name_.erase(hash_bytes(entry));
  else by_name_[hash_bytes(entry)] = signature_of(path);
}

std::vector<std::string> symlinks_in(const std::string& directory) {
  std::vector<std::string> names;
  for_each_entry(directory, [&](int descriptor, const dirent& entry) {
    struct stat info {};
    const bool unknown = entry.d_type == DT_UNKNOWN;
    if (unknown && ::fstatat(descriptor, entry.d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (entry.d_type == DT_LNK || (unknown && S_ISLNK(info.st_mode))) names.emplace_back(entry.d_name);
  });
  return names;
}

}  // namespace arbortls::watch
