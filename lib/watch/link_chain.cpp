#include "watch/link_chain.hpp"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace arbortls::watch {
namespace {

constexpr int most_symlinks = 40;

// Puts the components of `path` before those still to walk; the next one is at the back.
void push_components(std::vector<std::string>& todo, std::string_view path) {
  while (!path.empty()) {
    const auto slash = path.rfind('/');
    const std::string_view last = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (!last.empty() && last != ".") todo.emplace_back(last);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
  }
}

std::string join(const std::string& directory, const std::string& name) {
  return directory == "/" ? "/" + name : directory + "/" + name;
}

std::string parent_of(const std::string& real) {
  const auto slash = real.rfind('/');
  return slash == 0 ? "/" : real.substr(0, slash);
}

enum class Entry { absent, link, other };

Entry look_up(const std::string& path, std::string& target) {
  char buffer[PATH_MAX];
  const ssize_t length = ::readlink(path.c_str(), buffer, sizeof buffer);
  if (length >= 0) {
    target.assign(buffer, static_cast<std::size_t>(length));
    return Entry::link;
  }
  if (errno == EINVAL) return Entry::other;
  return Entry::absent;
}

std::string absolute(const std::string& path) {
  if (!path.empty() && path.front() == '/') return path;
  std::error_code ignored;
  return std::filesystem::current_path(ignored).string() + "/" + path;
}

}  // namespace

Chain resolve_links(const std::string& path) {
  Chain chain;
  std::vector<std::string> todo;
  push_components(todo, absolute(path));
  std::string at = "/";
  int symlinks = 0;
  while (!todo.empty()) {
    const std::string name = std::move(todo.back());
    todo.pop_back();
    if (name == "..") {
      at = parent_of(at);
      continue;
    }
    chain.links.push_back({at, name});
    const std::string here = join(at, name);
    std::string target;
    const Entry entry = look_up(here, target);
    if (entry == Entry::absent || (entry == Entry::link && ++symlinks > most_symlinks)) return chain;
    if (entry == Entry::other) {
      at = here;
      continue;
    }
    if (!target.empty() && target.front() == '/') at = "/";
    push_components(todo, target);
  }
  chain.real = at;
  return chain;
}

bool is_symlink(const std::string& path) noexcept {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode);
}

}  // namespace arbortls::watch
