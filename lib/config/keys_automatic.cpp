#include "config/describe.hpp"
#include "config/formats_automatic.hpp"
#include "config/keys.hpp"

#include <algorithm>

namespace arbortls::config {
namespace {

std::string mapping_words() { return "a mapping"; }

template <class Format, auto Member>
constexpr Key row(std::string_view name, std::string_view help) {
  return key<Format, Automatic, Member>(name, automatic_default(name), help);
}

// Whose entries may all be commented out.
template <class Format, auto Member>
constexpr Key list_row(std::string_view name, std::string_view help) {
  Key made = row<Format, Member>(name, help);
  made.is_list = true;
  return made;
}

void read_eab(const Value& value, void* automatic) {
  AcmeEab eab;
  read_map(value, {{acme_eab_keys(), &eab}});
  if (!eab.kid.empty() && !eab.hmac_key.file.empty()) static_cast<Automatic*>(automatic)->acme_eab = std::move(eab);
}

// What CAs hand out as a key's name: any one line of visible ASCII.
struct KeyId {
  static std::string words() { return "the key's name as the CA has handed it out"; }
  static std::optional<std::string> read(const Value& value) {
    const std::string* text = scalar(value, words());
    if (text == nullptr) return {};
    const bool sound = !text->empty() && text->size() <= 512 &&
                       std::all_of(text->begin(), text->end(), [](char c) { return c >= ' ' && c < 0x7f; });
    if (sound) return *text;
    value.error(quoted(*text) + " is not valid here; expected: " + words());
    return {};
  }
};

}  // namespace

Keys acme_eab_keys() {
  static constexpr Key rows[] = {
      required(key<KeyId, AcmeEab, &AcmeEab::kid>("kid", "", "the key's name")),
      required(secret(key<Passphrase, AcmeEab, &AcmeEab::hmac_key>(
          "hmac_key", "", "where the key stands, in base64url as the CA hands it out"))),
  };
  return rows;
}

Keys automatic_keys() {
  static constexpr Key rows[] = {
      row<Boolean, &Automatic::acme_enabled>(
          "acme_enabled",
          "gets and renews a certificate for this domain; `domains_dir` then holds it as `NAME.pem`. Not inherited; "
          "unset, the nearest `acme_subdomains` above decides. `false` takes the domain out of that"),
      row<Boolean, &Automatic::acme_subdomains>("acme_subdomains",
                                                "the same for every domain below this one in the tree"),
      row<Email, &Automatic::acme_account_email>("acme_account_email",
                                                 "whom the CA may write to about the account"),
      row<DirectoryUrl, &Automatic::acme_directory>("acme_directory", "the CA: where its ACME directory stands"),
      row<Path, &Automatic::acme_ca_file>("acme_ca_file",
                                          "CA certificates (PEM) that the directory's server may have its own from, "
                                          "besides the system's"),
      Key{"acme_eab", &mapping_words, automatic_default("acme_eab"),
          "External Account Binding: the key that a CA has handed out to its customer", &read_eab, &acme_eab_keys},
      row<OneOf<AcmeKeyType>, &Automatic::acme_key_type>(
          "acme_key_type", "the certificates' keys; `both` for clients that know no ECDSA"),
      list_row<ListOf<OneOf<AcmeChallenge>, Empty::refused>, &Automatic::acme_challenges>(
          "acme_challenges",
          "how the CA may check the domain, the preferred one first: `http-01` needs a listener of "
          "`kind: http_redirect` that it reaches at port 80, `tls-alpn-01` one of ours that it reaches at port 443, "
          "`dns-01` needs `acme_dns_hook`"),
      row<Program, &Automatic::acme_dns_hook>(
          "acme_dns_hook", "for `dns-01`: puts the TXT record there and takes it away again"),
      row<OwnName, &Automatic::acme_profile>("acme_profile", "one of the profiles that the CA offers"),
      list_row<ListOf<HostName>, &Automatic::acme_extra_names>(
          "acme_extra_names", "more names for this domain's certificate. Not inherited"),
      row<Boolean, &Automatic::acme_wildcard>(
          "acme_wildcard",
          "`*.NAME` too, which needs `dns-01`; domains that it covers need no certificate of their own then. "
          "Not inherited"),
      row<Boolean, &Automatic::acme_reuse_key>("acme_reuse_key",
                                               "keeps the key at renewals, for clients that pin it"),
      row<Boolean, &Automatic::local_ca>(
          "local_ca", "gets its certificates from the daemon's own CA; see `authority`. Where ACME is on as near, ACME "
                      "is asked"),
      list_row<ListOf<IpAddress>, &Automatic::local_ca_addresses>(
          "local_ca_addresses", "IP addresses that stand in certificates of the daemon's own CA besides the name"),
  };
  return rows;
}

}  // namespace arbortls::config
