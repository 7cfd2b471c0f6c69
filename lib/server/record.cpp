#include "server/record.hpp"

#include "acme/mark.hpp"
#include "base/file.hpp"
#include "base/wipe_freed.hpp"
#include "cert/known_issuers.hpp"
#include "config/describe.hpp"
#include "server/domain_files.hpp"

#include <openssl/sha.h>
#include <sys/stat.h>

#include <utility>

namespace arbortls::server {
namespace {

cert::Digest digest_of(const std::string& text, const std::string& passphrase) {
  const std::string length = std::to_string(text.size()) + ':';
  std::string all;
  all.reserve(length.size() + text.size() + passphrase.size());  // growing would leave copies behind
  all.append(length).append(text).append(passphrase);
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

bool unchanged(const Served* before, const cert::Digest& content, const LoadContext& context) {
  return before != nullptr && before->certificate && !before->from_last_good && before->content == content &&
         !context.chains->issuers().knows(before->missing_issuer);
}

cert::LoadOptions options_of(const LoadContext& context, const std::string& owner) {
  cert::LoadOptions options;
  options.now = context.now;
  options.chains = context.chains;
  options.owner = owner;
  options.complete_chains = context.complete_chains;
  return options;
}

// The same certificate keeps its pointer, and with it its ready contexts.
cert::CertificatePtr same_or_new(const Served* before, cert::CertificatePtr loaded) {
  const bool same = before != nullptr && before->certificate && before->certificate->identity == loaded->identity;
  return same ? before->certificate : std::move(loaded);
}

Place place_of(const Record& record) {
  if (!record.pem_file.empty()) return {record.pem_file, 0, 0};
  return record.domain.certificate_pem ? record.domain.certificate_pem->place : record.domain.place;
}

Result<std::string> take_text(Record& record) {
  if (record.pem_file.empty()) return std::move(record.domain.certificate_pem->value.text);
  return read_file(record.pem_file, cert::max_text);
}

// Only the domain's own file is ever written by anybody but an operator.
tls::Own owner_of(const Record& record, const Result<std::string>& text) {
  const bool marked = text && record.has_pem_file && !record.domain.certificate_pem && acme::read_mark(*text);
  return marked ? tls::Own::automatic : tls::Own::by_hand;
}

// The text's certificate, or why it cannot be used. Adds to the problems what is to be warned about.
Result<cert::CertificatePtr> use(const std::string& text, const Record& record, const cert::LoadOptions& options,
                                 const LoadContext& context, Served& served) {
  const std::string& name = record.domain.name;
  const std::string loose = loose_permissions(record.pem_file);
  if (!loose.empty() && context.strict_key_permissions) return error(loose);
  auto loaded = cert::load_any(text, record.pem_file, options);
  if (!loaded) return loaded.error();
  if (!loose.empty()) loaded->warnings.push_back(loose);
  if (!loaded->certificate->covers(name)) loaded->warnings.push_back("does not cover " + name);
  for (const std::string& warning : loaded->warnings) {
    served.problems.push_back({Severity::warning, place_of(record), name, "certificate: " + warning});
  }
  served.missing_issuer = loaded->missing_issuer;
  return loaded->certificate;
}

}  // namespace

std::string_view parent_of(const Record& record) {
  return record.domain.parent ? std::string_view(record.domain.parent->value) : std::string_view();
}

bool same_in_tree(const Record& a, const Record& b) {
  return a.served.certificate == b.served.certificate && a.served.pending == b.served.pending &&
         a.served.own == b.served.own && parent_of(a) == parent_of(b) && config::same_values(a.domain.inherited, b.domain.inherited);
}

Result<std::string> read_passphrase(
    const std::optional<config::Located<config::SecretSource>>& source) {
  if (!source) return std::string();
  auto text = read_file(source->value.file, 64 * 1024);
  if (!text) return error("key_passphrase: " + text.error().message);
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

void load_certificate(Record& record, const Served* before, const LoadContext& context) {
  const WipeFreed no_copies_of_keys;
  Served& served = record.served;
  served = Served{};
  // Before it is read: what changes meanwhile shall be seen to differ.
  if (record.certificate_state == unsure) record.certificate_state = state_of_certificate(record);
  if (!record.has_source) return;
  auto text = take_text(record);
  const tls::Own own = owner_of(record, text);
  cert::LoadOptions options = options_of(context, record.domain.name);
  auto passphrase = read_passphrase(record.domain.key_passphrase);
  if (passphrase) options.passphrase = *passphrase;
  if (text && passphrase) {
    // Who may read the file, and whether that matters, decides as much as what stands in it.
    const std::string rules = loose_permissions(record.pem_file) + (context.strict_key_permissions ? "!" : "") + (context.complete_chains ? "+" : "");
    served.content = digest_of(*text, *passphrase + rules);
  }
  if (text && passphrase && unchanged(before, served.content, context)) {
    served = *before;
  } else {
    Result<cert::CertificatePtr> used = !text         ? Result<cert::CertificatePtr>(text.error())
                                        : !passphrase ? Result<cert::CertificatePtr>(passphrase.error())
                                                      : use(*text, record, options, context, served);
    if (used) {
      served.certificate = same_or_new(before, std::move(*used));
    } else {
      fall_back(served, record.domain.name, before, place_of(record), used.error().message, context, options);
    }
  }
  served.own = own;
  if (text) cert::wipe(*text);
  if (passphrase) cert::wipe(*passphrase);
  cert::wipe(options.passphrase);
}

Served load_certdir(const std::string& directory, const std::string& key,
                    const std::optional<config::Located<config::SecretSource>>& passphrase_source,
                    const Served* before, const LoadContext& context) {
  const WipeFreed no_copies_of_keys;
  Served served;
  cert::LoadOptions options = options_of(context, key);
  auto passphrase = read_passphrase(passphrase_source);
  if (passphrase) options.passphrase = *passphrase;
  const Place place{directory, 0, 0};
  const std::string key_file = cert::key_file_of_certdir(directory);
  const std::string loose = context.strict_key_permissions ? loose_permissions(key_file) : "";
  auto loaded = !passphrase     ? Result<cert::Loaded>(passphrase.error())
                : loose.empty() ? cert::load_certdir(directory, options)
                                : Result<cert::Loaded>(error(key_file + ": " + loose));
  if (!loaded) {
    fall_back(served, key, before, place, loaded.error().message, context, options);
  } else {
    served.certificate = same_or_new(before, loaded->certificate);
    served.missing_issuer = loaded->missing_issuer;
    for (const std::string& warning : loaded->warnings) {
      served.problems.push_back({Severity::warning, place, key, "certificate: " + warning});
    }
  }
  if (passphrase) cert::wipe(*passphrase);
  cert::wipe(options.passphrase);
  return served;
}

}  // namespace arbortls::server
