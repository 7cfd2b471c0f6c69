#include "server/domains_dir.hpp"

#include "domain/name.hpp"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace arbortls::server {
namespace {

// The part before `.yaml` or `.pem`; none for files that are not ours to read.
std::optional<std::string_view> stem(std::string_view file_name) {
  if (file_name.empty() || file_name.front() == '.') return {};
  for (const std::string_view ending : {".yaml", ".pem"}) {
    if (file_name.size() > ending.size() && file_name.ends_with(ending)) {
      return file_name.substr(0, file_name.size() - ending.size());
    }
  }
  return {};
}

Problem misnamed(const std::string& path, const std::string& message) {
  return {Severity::error, {path, 0, 0}, "domains_dir", message};
}

void add_entry(const std::string& path, std::string_view file_name, DomainsDir& dir) {
  const auto name_part = stem(file_name);
  if (!name_part) return;
  const auto name = domain::parse_name(*name_part);
  if (!name) {
    dir.problems.push_back(
        misnamed(path, "the file's name is no domain name: " + name.error().message));
    return;
  }
  if (*name != *name_part) {
    dir.problems.push_back(misnamed(path, "the file's name must be written `" + *name + "`"));
    return;
  }
  DomainFiles& files = dir.domains[*name];
  (file_name.ends_with(".pem") ? files.pem : files.yaml) = true;
}

}  // namespace

DomainsDir list_domains_dir(const std::string& directory) {
  DomainsDir dir;
  std::error_code failed;
  std::filesystem::directory_iterator it(directory, failed);
  for (; !failed && it != std::filesystem::directory_iterator(); it.increment(failed)) {
    const std::string& path = it->path().native();
    add_entry(path, std::string_view(path).substr(path.rfind('/') + 1), dir);
  }
  if (failed) {
    dir.problems.push_back(
        {Severity::error, {directory, 0, 0}, "domains_dir", "cannot be read: " + failed.message()});
  }
  return dir;
}

Problems problems_of_entry(const std::string& path) {
  DomainsDir dir;
  add_entry(path, std::string_view(path).substr(path.rfind('/') + 1), dir);
  return std::move(dir.problems);
}

std::string domain_of_entry(std::string_view file_name) {
  const auto name_part = stem(file_name);
  if (!name_part) return "";
  const auto name = domain::parse_name(*name_part);
  return name && *name == *name_part ? *name : "";
}

}  // namespace arbortls::server
