#include "cert/load.hpp"

#include "base/file.hpp"
#include "cert/desk.hpp"
#include "cert/input.hpp"
#include "cert/pairing.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <openssl/err.h>

namespace arbortls::cert {
namespace {

struct WipeAtEnd {
  std::string& text;
  ~WipeAtEnd() { wipe(text); }
};

Error in(const std::string& place, const Error& e) { return error(place + ": " + e.message); }

void warn_if_open_to_others(const std::string& path, Material& material) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    material.warnings.push_back(
        path + ": the key file is readable by group or others; mode 0600 is right");
  }
}

Result<void> add_file(Material& material, const std::string& path, const std::string& passphrase,
                      Desk& desk) {
  auto bytes = read_file(path, max_text);
  if (!bytes) return bytes.error();
  const WipeAtEnd wiping{*bytes};
  if (auto added = add_input(material, {*bytes, path}, passphrase, desk); !added)
    return in(path, added.error());
  return {};
}

// What cannot be looked at counts as there: it then says itself what is wrong.
bool present(const std::string& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
         (errno != ENOENT && errno != ENOTDIR);
}

// The files a certdir is read from.
struct CertdirFiles {
  std::string key;
  std::string certificate;  // "" where the key's file holds it
  std::vector<std::string> passed_over;
};

CertdirFiles files_of_certdir(const std::string& directory) {
  CertdirFiles files{directory + "/server.key", directory + "/server.crt", {}};
  const bool pair = present(files.key) || present(files.certificate);
  bool found = pair;
  for (const char* name : {"/server.p12", "/server.pfx"}) {
    const std::string path = directory + name;
    if (!present(path)) continue;
    if (found) {
      files.passed_over.push_back(path);
    } else {
      files.key = path;
      files.certificate.clear();
    }
    found = true;
  }
  return files;
}

void warn_of_passed_over(const CertdirFiles& files, Material& material) {
  for (const std::string& path : files.passed_over) {
    material.warnings.push_back(path + ": is not read, since " + files.key +
                                (files.certificate.empty() ? "" : " and server.crt") +
                                " are what counts; keep one of the two");
  }
}

}  // namespace

Result<Loaded> load_pem(std::string_view text, const LoadOptions& options) {
  if (text.size() > max_text) {
    return error("certificate text is larger than " + std::to_string(max_text) + " bytes");
  }
  ERR_clear_error();
  Desk desk(options.chains);
  Material material;
  if (auto added = add_pem(material, text, options.passphrase, desk); !added) return added.error();
  return assemble(std::move(material), options, desk);
}

Result<Loaded> load_any(std::string_view bytes, std::string_view file, const LoadOptions& options) {
  if (bytes.size() > max_text) {
    return error("the file is larger than " + std::to_string(max_text) + " bytes");
  }
  ERR_clear_error();
  Desk desk(options.chains);
  Material material;
  if (auto added = add_input(material, {bytes, file}, options.passphrase, desk); !added)
    return added.error();
  return assemble(std::move(material), options, desk);
}

std::string key_file_of_certdir(const std::string& directory) {
  return files_of_certdir(directory).key;
}

Result<Loaded> load_certdir(const std::string& directory, const LoadOptions& options) {
  ERR_clear_error();
  const CertdirFiles files = files_of_certdir(directory);
  Desk desk(options.chains);
  Material material;
  if (auto added = add_file(material, files.key, options.passphrase, desk); !added) {
    return added.error();
  }
  if (material.keys.empty()) return error(files.key + ": no private key found");
  warn_if_open_to_others(files.key, material);
  warn_of_passed_over(files, material);
  const std::string& last = files.certificate.empty() ? files.key : files.certificate;
  if (!files.certificate.empty()) {
    if (auto added = add_file(material, files.certificate, options.passphrase, desk); !added)
      return added.error();
  }
  if (material.certificates.empty()) return error(last + ": no certificate found");
  auto loaded = assemble(std::move(material), options, desk);
  if (!loaded) return in(directory, loaded.error());
  return loaded;
}

}  // namespace arbortls::cert
