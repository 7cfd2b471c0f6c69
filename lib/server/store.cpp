#include "server/store.hpp"

#include "base/file.hpp"
#include "cert/digest.hpp"
#include "cert/make.hpp"
#include "cert/pem_write.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
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
  for (auto slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0755);
  }
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

constexpr std::string_view ending = ".pem";
constexpr std::size_t longest_file_name =
    240;  // a file system takes 255, with the endings of what is being written

// Domain names are safe as they are; a listener's may hold anything: its other bytes become =XX.
std::string file_name_of(const std::string& key) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string safe;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '.' || c == '-' || c == '_') {
      safe += c;
    } else {
      safe += {'=', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return safe;
}

int hex_value(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
}

std::string key_of_file_name(std::string_view name) {
  std::string key;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '=' && i + 2 < name.size()) {
      key += static_cast<char>(hex_value(name[i + 1]) * 16 + hex_value(name[i + 2]));
      i += 2;
    } else {
      key += name[i];
    }
  }
  return key;
}

// Stands above a copy in the clear: what it holds and that it is whole, so that it can be compared
// without being parsed.
std::string seal(const cert::Certificate& certificate, std::string_view pem) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(pem.data());
  return "identity=" + cert::to_hex(certificate.identity) +
         "\nsha256=" + cert::to_hex(cert::sha256({bytes, pem.size()})) + "\n";
}

bool is_sealed(std::string_view text, const cert::Certificate& certificate) {
  const std::size_t pem = text.find("-----BEGIN");
  return pem != std::string_view::npos &&
         text.substr(0, pem) == seal(certificate, text.substr(pem));
}

// What the copy's file is to hold; "" if it cannot be made.
std::string text_of_copy(const cert::Certificate& certificate, const std::string& passphrase) {
  if (!passphrase.empty()) return cert::to_pem(certificate, passphrase);
  std::string pem = cert::to_pem_as_held(certificate);
  if (pem.empty()) return pem;
  std::string text = seal(certificate, pem);
  text.append(pem);
  cert::wipe(pem);
  return text;
}

}  // namespace

Store::Store(std::string directory, Access access)
    : directory_(std::move(directory)), access_(access) {}

void Store::prepare() {
  if (!writable()) return;
  const bool made = make_directory(directory_) && make_directory(directory_ + "/last_good");
  note("state_dir", made ? "" : directory_ + ": " + std::strerror(errno));
  if (unsaved_default_) keep_default();
}

void Store::keep_default() {
  std::string text = cert::to_pem(*unsaved_default_);
  const auto written = write_file_atomically(directory_ + "/default.pem", text, 0600);
  cert::wipe(text);
  note("default certificate", written ? "" : written.error().message);
  if (written) unsaved_default_ = nullptr;
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
  auto loaded = cert::load_pem(text, options);
  cert::wipe(text);
  cert::wipe(made->key_pem);
  if (!loaded) {
    note("default certificate", loaded.error().message);
    return nullptr;
  }
  unsaved_default_ = loaded->certificate;
  keep_default();
  return loaded->certificate;
}

std::string Store::last_good_file(const std::string& key) const {
  return directory_ + "/last_good/" + file_name_of(key) + std::string(ending);
}

cert::CertificatePtr Store::last_good(const std::string& key,
                                      const cert::LoadOptions& options) const {
  auto text = read_file(last_good_file(key), cert::max_text);
  if (!text) return nullptr;
  const auto loaded = cert::load_pem(*text, options);
  cert::wipe(*text);
  return loaded ? loaded->certificate : nullptr;
}

bool Store::save_last_good(const std::string& key, const cert::Certificate& certificate,
                           const std::string& passphrase, const cert::LoadOptions& options) {
  if (!writable() || file_name_of(key).size() > longest_file_name) return true;
  if (holds(key, certificate, options)) {
    note("last good certificates", "");
    return true;
  }
  std::string text = text_of_copy(certificate, passphrase);
  const auto written = text.empty() ? Result<void>(error("memory ran out"))
                                    : write_file_atomically(last_good_file(key), text, 0600);
  cert::wipe(text);
  note("last good certificates", written ? "" : written.error().message);
  return static_cast<bool>(written);
}

bool Store::holds(const std::string& key, const cert::Certificate& certificate,
                  const cert::LoadOptions& options) const {
  auto text = read_file(last_good_file(key), cert::max_text);
  if (!text) return false;
  bool same = false;
  if (options.passphrase.empty()) {
    same = is_sealed(*text, certificate);
  } else if (!text->starts_with("-----BEGIN ENCRYPTED")) {
    same = false;  // it was written before there was a passphrase
  } else if (const auto loaded = cert::load_pem(*text, options)) {
    same = loaded->certificate->identity == certificate.identity;
  }
  cert::wipe(*text);
  return same;
}

void Store::forget_last_good(const std::string& key) {
  if (writable()) ::unlink(last_good_file(key).c_str());
}

void Store::forget_all_but(const std::function<bool(const std::string& key)>& known) {
  if (!writable()) return;
  std::vector<std::filesystem::path> gone;
  std::error_code failed;
  std::filesystem::directory_iterator it(directory_ + "/last_good", failed);
  for (; !failed && it != std::filesystem::directory_iterator(); it.increment(failed)) {
    const std::string name = it->path().filename().string();
    if (!name.ends_with(ending)) continue;
    if (!known(key_of_file_name(name.substr(0, name.size() - ending.size()))))
      gone.push_back(it->path());
  }
  for (const auto& path : gone) ::unlink(path.c_str());
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
    problems.push_back({Severity::warning,
                        {directory_, 0, 0},
                        subject,
                        "cannot be kept: " + trouble + "; held in memory until it can be written"});
  }
  return problems;
}

}  // namespace arbortls::server
