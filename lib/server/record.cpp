#include "server/record.hpp"

#include "base/file.hpp"

#include <openssl/sha.h>
#include <sys/stat.h>

#include <utility>

namespace arbortls::server {
namespace {

cert::Digest digest_of(const std::string& text, const std::string& passphrase) {
  std::string all = std::to_string(text.size()) + ':' + text + passphrase;
  cert::Digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest.data());
  cert::wipe(all);
  return digest;
}

// Who else may read a key file; "" when nobody.
std::string loose_permissions(const std::string& file) {
  struct stat info {};
  if (file.empty() || ::stat(file.c_str(), &info) != 0 || (info.st_mode & 077) == 0) return "";
  return "the key can be read by group or others; chmod 600 mends it";
}

void fall_back(Served& served, const std::string& key, const Served* before, const Place& place,
               const std::string& reason, const LoadContext& context, const cert::LoadOptions& options) {
  served.certificate = before != nullptr ? before->certificate : nullptr;
  if (!served.certificate) served.certificate = context.store->last_good(key, options);
  served.from_last_good = served.certificate != nullptr;
  served.problems.push_back(
      {Severity::error, place, key,
       "certificate: " + reason +
           (served.certificate ? "; the last good one stays in use" : "; none is in use")});
}

bool unchanged(const Served* before, const cert::Digest& content) {
  return before != nullptr && before->certificate && !before->from_last_good && before->content == content;
}

}  // namespace

Result<std::string> read_passphrase(
    const std::optional<config::Located<config::SecretSource>>& source) {
  if (!source) return std::string();
  auto text = read_file(source->value.file, 64 * 1024);
  if (!text) return error("key_passphrase: " + text.error().message);
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

void load_certificate(Record& record, const Served* before, const LoadContext& context) {
  Served& served = record.served;
  served = Served{};
  if (!record.has_source) return;
  const std::string& name = record.domain.name;
  const Place place = !record.pem_file.empty() ? Place{record.pem_file, 0, 0}
                      : record.domain.certificate_pem ? record.domain.certificate_pem->place
                                                      : record.domain.place;
  cert::LoadOptions options;
  options.now = context.now;
  options.chains = context.chains;
  auto passphrase = read_passphrase(record.domain.key_passphrase);
  if (passphrase) options.passphrase = *passphrase;
  const auto failed = [&](const std::string& reason) {
    fall_back(served, name, before, place, reason, context, options);
    cert::wipe(options.passphrase);
  };
  if (!passphrase) return failed(passphrase.error().message);
  Result<std::string> text = record.pem_file.empty()
                                 ? Result<std::string>(std::move(record.domain.certificate_pem->value.text))
                                 : read_file(record.pem_file, cert::max_text);
  if (!text) return failed(text.error().message);
  served.content = digest_of(*text, options.passphrase);
  if (unchanged(before, served.content)) {
    served = *before;
    cert::wipe(*text);
    cert::wipe(options.passphrase);
    return;
  }
  const std::string loose = loose_permissions(record.pem_file);
  auto loaded = cert::load_pem(*text, options);
  cert::wipe(*text);
  if (!loaded) return failed(loaded.error().message);
  if (!loose.empty() && context.strict_key_permissions) return failed(loose);
  cert::wipe(options.passphrase);
  served.certificate = loaded->certificate;
  if (!loose.empty()) loaded->warnings.push_back(loose);
  if (!served.certificate->covers(name)) loaded->warnings.push_back("does not cover " + name);
  for (const std::string& warning : loaded->warnings) {
    served.problems.push_back({Severity::warning, place, name, "certificate: " + warning});
  }
}

Served load_certdir(const std::string& directory, const std::string& key,
                    const std::optional<config::Located<config::SecretSource>>& passphrase_source,
                    const Served* before, const LoadContext& context) {
  Served served;
  cert::LoadOptions options;
  options.now = context.now;
  options.chains = context.chains;
  auto passphrase = read_passphrase(passphrase_source);
  if (passphrase) options.passphrase = *passphrase;
  const Place place{directory, 0, 0};
  if (!passphrase) {
    fall_back(served, key, before, place, passphrase.error().message, context, options);
    return served;
  }
  auto loaded = cert::load_certdir(directory, options);
  if (!loaded) {
    fall_back(served, key, before, place, loaded.error().message, context, options);
  } else if (before != nullptr && before->certificate && !before->from_last_good &&
             before->certificate->identity == loaded->certificate->identity) {
    served = *before;  // the same certificate keeps its ready contexts
  } else {
    served.certificate = loaded->certificate;
    for (const std::string& warning : loaded->warnings) {
      served.problems.push_back({Severity::warning, place, key, "certificate: " + warning});
    }
  }
  cert::wipe(options.passphrase);
  return served;
}

}  // namespace arbortls::server
