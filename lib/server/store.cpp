#include "server/store.hpp"

#include "base/file.hpp"
#include "cert/make.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

namespace arbortls::server {
namespace {

constexpr std::int64_t default_lifetime = 10ll * 365 * 86400;

bool make_directory(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return true;
    errno = ENOTDIR;
    return false;
  }
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0755);
  }
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

}  // namespace

Store::Store(std::string directory, Access access)
    : directory_(std::move(directory)), access_(access) {}

void Store::prepare() {
  if (!writable()) return;
  const bool made = make_directory(directory_) && make_directory(directory_ + "/last_good");
  note("state_dir", made ? "" : directory_ + ": " + std::strerror(errno));
}

cert::CertificatePtr Store::default_certificate(const std::vector<std::string>& names,
                                                std::int64_t now) {
  const std::string path = directory_ + "/default.pem";
  cert::LoadOptions options;
  options.now = now;
  if (auto text = read_file(path, cert::max_text)) {
    auto loaded = cert::load_pem(*text, options);
    cert::wipe(*text);
    if (loaded && !loaded->certificate->expired_at(now)) return loaded->certificate;
  }
  if (!writable()) return nullptr;
  auto made = cert::make_self_signed(names, now, default_lifetime);
  if (!made) {
    note("default certificate", made.error().message);
    return nullptr;
  }
  std::string text = made->key_pem + made->certificate_pem;
  const auto written = write_file_atomically(path, text, 0600);
  note("default certificate", written ? "" : written.error().message);
  auto loaded = cert::load_pem(text, options);
  cert::wipe(text);
  cert::wipe(made->key_pem);
  return loaded ? loaded->certificate : nullptr;
}

std::string Store::last_good_file(const std::string& key) const {
  // Domain names are safe as they are; a listener's may hold anything.
  std::string safe = key.find(' ') != std::string::npos ? "@" : "";
  for (const char c : key) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    safe += plain ? c : '_';
  }
  return directory_ + "/last_good/" + safe + ".pem";
}

cert::CertificatePtr Store::last_good(const std::string& key, const cert::LoadOptions& options) const {
  auto text = read_file(last_good_file(key), cert::max_text);
  if (!text) return nullptr;
  const auto loaded = cert::load_pem(*text, options);
  cert::wipe(*text);
  return loaded ? loaded->certificate : nullptr;
}

bool Store::save_last_good(const std::string& key, const cert::Certificate& certificate,
                           const std::string& passphrase, const cert::LoadOptions& options) {
  if (!writable()) return true;
  const auto kept = last_good(key, options);
  if (kept && kept->identity == certificate.identity) return true;
  std::string text = cert::to_pem(certificate, passphrase);
  const auto written = write_file_atomically(last_good_file(key), text, 0600);
  cert::wipe(text);
  note("last good certificates", written ? "" : written.error().message);
  return static_cast<bool>(written);
}

void Store::forget_last_good(const std::string& key) {
  if (writable()) ::unlink(last_good_file(key).c_str());
}

void Store::note(const std::string& subject, const std::string& trouble) {
  if (trouble.empty()) {
    troubles_.erase(subject);
  } else {
    troubles_[subject] = trouble;
  }
}

Problems Store::warnings() const {
  Problems problems;
  for (const auto& [subject, trouble] : troubles_) {
    problems.push_back({Severity::warning, {directory_, 0, 0}, subject,
                        "cannot be kept: " + trouble + "; held in memory until it can be written"});
  }
  return problems;
}

}  // namespace arbortls::server
