#include "cert/load.hpp"

#include "base/file.hpp"
#include "cert/desk.hpp"
#include "cert/pairing.hpp"

#include <sys/stat.h>

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
  auto text = read_file(path, max_text);
  if (!text) return text.error();
  const WipeAtEnd wiping{*text};
  if (auto added = add_pem(material, *text, passphrase, desk); !added)
    return in(path, added.error());
  return {};
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
  return assemble(std::move(material), options.now, desk);
}

Result<Loaded> load_certdir(const std::string& directory, const LoadOptions& options) {
  ERR_clear_error();
  const std::string key_path = directory + "/server.key";
  const std::string certificate_path = directory + "/server.crt";
  Desk desk(options.chains);
  Material material;
  if (auto added = add_file(material, key_path, options.passphrase, desk); !added) {
    return added.error();
  }
  if (material.keys.empty()) return error(key_path + ": no private key found");
  warn_if_open_to_others(key_path, material);
  if (auto added = add_file(material, certificate_path, options.passphrase, desk); !added) {
    return added.error();
  }
  if (material.certificates.empty()) return error(certificate_path + ": no certificate found");
  auto loaded = assemble(std::move(material), options.now, desk);
  if (!loaded) return in(directory, loaded.error());
  return loaded;
}

}  // namespace arbortls::cert
