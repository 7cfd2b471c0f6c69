#include "server/domain_files.hpp"

#include "base/file.hpp"
#include "base/wipe_freed.hpp"
#include "config/load.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace arbortls::server {
namespace {

constexpr std::size_t max_domain_file = 1024 * 1024;

// A link that points nowhere is there too: its domain exists and has a certificate that cannot be
// read.
bool present(const std::string& path) {
  if (::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return true;
  return errno != ENOENT && errno != ENOTDIR;
}

void take_source(Record& record) {
  const auto& source = record.domain.certificate_pem;
  record.has_source = source.has_value();
  record.pem_file = source ? source->value.file : "";
}

Problem stands_already(const std::string& file, const std::string& name, const std::string& what,
                       const std::string& place) {
  return {
      Severity::error, {file, 0, 0}, name, what + " in " + place + " already; keep one of the two"};
}

void read_settings(const config::Settings& settings, const std::string& name,
                   const std::string& file, Reading& reading) {
  const WipeFreed no_copies_of_keys;
  auto text = read_file(file, max_domain_file);
  if (!text) {
    reading.problems.push_back({Severity::error, {file, 0, 0}, name, text.error().message});
    return;
  }
  auto parsed = config::parse_domain(*text, file, name, settings);
  reading.problems = std::move(parsed.problems);
  reading.record.domain = std::move(parsed.domain);
}

}  // namespace

DomainFiles files_of(const std::string& directory, const std::string& name) {
  const std::string base = directory + "/" + name;
  return {present(base + ".yaml"), present(base + ".pem")};
}

Reading read_domain(const config::Settings& settings, const std::string& name, DomainFiles files,
                    const Record* main) {
  const std::string base = settings.domains_dir ? settings.domains_dir->value + "/" + name : "";
  Reading reading;
  Record& record = reading.record;
  // Before it is read: what changes meanwhile shall be seen to differ.
  const FileState settings_state = files.yaml ? state_of(base + ".yaml") : absent;
  if (main != nullptr) {
    record = *main;
    if (files.yaml) {
      reading.problems.push_back(
          stands_already(base + ".yaml", name, "the domain stands", record.domain.place.file));
    }
  } else if (files.yaml) {
    read_settings(settings, name, base + ".yaml", reading);
  } else {
    record.domain.name = name;
    record.domain.place = {base + ".pem", 0, 0};
  }
  record.settings_state = settings_state;
  record.has_pem_file = files.pem;
  take_source(record);
  if (files.pem && record.has_source) {
    reading.problems.push_back(stands_already(
        base + ".pem", name, "the domain has a certificate_pem", record.domain.place.file));
  } else if (files.pem) {
    record.has_source = true;
    record.pem_file = base + ".pem";
  }
  return reading;
}

FileState state_of_certificate(const Record& record) {
  const auto& passphrase = record.domain.key_passphrase;
  const FileState pem = state_of(record.pem_file);
  return passphrase ? both(pem, state_of(passphrase->value.file)) : pem;
}

}  // namespace arbortls::server
