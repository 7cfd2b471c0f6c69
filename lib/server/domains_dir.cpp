#include "server/domains_dir.hpp"

#include "domain/name.hpp"

#include <filesystem>
#include <optional>
#include <system_error>

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

void add_entry(const std::filesystem::path& path, DomainsDir& dir) {
  const std::string file_name = path.filename().string();
  const auto name_part = stem(file_name);
  if (!name_part) return;
  const auto name = domain::parse_name(*name_part);
  if (!name) {
    dir.problems.push_back({Severity::error, {path.string(), 0, 0}, "domains_dir",
                            "the file's name is no domain name: " + name.error().message});
    return;
  }
  if (*name != *name_part) {
    dir.problems.push_back({Severity::error, {path.string(), 0, 0}, "domains_dir",
                            "the file's name must be written `" + *name + "`"});
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
    add_entry(it->path(), dir);
  }
  if (failed) {
    dir.problems.push_back(
        {Severity::error, {directory, 0, 0}, "domains_dir", "cannot be read: " + failed.message()});
  }
  return dir;
}

std::string domain_of_entry(std::string_view file_name) {
  const auto name_part = stem(file_name);
  if (!name_part) return "";
  const auto name = domain::parse_name(*name_part);
  return name && *name == *name_part ? *name : "";
}

}  // namespace arbortls::server
