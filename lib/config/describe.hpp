#pragma once
// Settings as text: what explain and status print. The inherited settings are listed once, here.

#include "config/settings.hpp"
#include "config/words.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::config {

// The largest unit that divides it: `1h`, `5m`, `1500ms`; one minute is `60s`; zero is `0`.
std::string to_text(Milliseconds duration);
// `64MB`; bytes that no unit divides as `1000 bytes`.
std::string size_to_text(std::uint64_t bytes);
inline std::string to_text(const std::string& text) { return text; }
inline std::string to_text(CertificateChoice value) { return std::string(word_of(value)); }
inline std::string to_text(TlsVersion value) { return std::string(word_of(value)); }
std::string to_text(AtMost limit);  // "none" or the number
std::string to_text(const std::vector<std::string>& words);
std::string to_text(const std::vector<AcmeChallenge>& challenges);
inline std::string to_text(const AcmeEab& eab) { return eab.kid; }
inline std::string to_text(std::same_as<bool> auto value) { return value ? "true" : "false"; }
inline std::string to_text(AcmeKeyType value) { return std::string(word_of(value)); }
inline std::string to_text(ListenerKind value) { return std::string(word_of(value)); }
inline std::string to_text(Role value) { return std::string(word_of(value)); }
inline std::string to_text(Balance value) { return std::string(word_of(value)); }
inline std::string to_text(SendProxy value) { return std::string(word_of(value)); }
inline std::string to_text(Connect value) { return std::string(word_of(value)); }
inline std::string to_text(LogLevel value) { return std::string(word_of(value)); }
inline std::string to_text(LogFormat value) { return std::string(word_of(value)); }

// One inherited setting: its key, its member of Inherited, and the built-in as text ("" for none).
template <class T>
struct InheritedKey {
  std::string_view name;
  std::optional<Located<T>> Inherited::*member;
  std::string_view default_text;

  std::optional<std::string> text(const Inherited& inherited) const {
    const auto& slot = inherited.*member;
    if (!slot) return {};
    return to_text(slot->value);
  }
  // Only where text() has a value.
  Place place(const Inherited& inherited) const {
    const auto& slot = inherited.*member;
    return slot ? slot->place : Place{};
  }
};

// f(const InheritedKey<T>&) for each inherited setting, in the reference's order.
template <class F>
constexpr void for_each_inherited(F f) {
  f(InheritedKey<std::string>{"backend", &Inherited::backend, ""});
  f(InheritedKey<Milliseconds>{"idle_timeout", &Inherited::idle_timeout, "1h"});
  f(InheritedKey<Milliseconds>{"half_close_timeout", &Inherited::half_close_timeout, "60s"});
  f(InheritedKey<CertificateChoice>{"certificate_choice", &Inherited::certificate_choice,
                                    "nearest"});
  f(InheritedKey<TlsVersion>{"tls_min_version", &Inherited::tls_min_version, "1.2"});
  f(InheritedKey<AtMost>{"max_connections", &Inherited::max_connections, "none"});
  f(InheritedKey<AtMost>{"max_handshakes", &Inherited::max_handshakes, "none"});
}

// One setting of automatic certificates, likewise. `own`: the domain's alone, not its descendants'.
template <class T>
struct AutomaticKey {
  std::string_view name;
  std::optional<T> Automatic::*member;
  std::string_view default_text;
  bool own = false;

  std::optional<std::string> text(const Automatic& automatic) const {
    const auto& slot = automatic.*member;
    if (!slot) return {};
    return to_text(*slot);
  }
};

// f(const AutomaticKey<T>&) for each of them, in the reference's order.
template <class F>
constexpr void for_each_automatic(F f) {
  using Words = std::vector<std::string>;
  f(AutomaticKey<bool>{"acme_enabled", &Automatic::acme_enabled, "", true});
  f(AutomaticKey<bool>{"acme_subdomains", &Automatic::acme_subdomains, "false"});
  f(AutomaticKey<std::string>{"acme_account_email", &Automatic::acme_account_email, "none"});
  f(AutomaticKey<std::string>{"acme_directory", &Automatic::acme_directory, lets_encrypt_directory});
  f(AutomaticKey<std::string>{"acme_ca_file", &Automatic::acme_ca_file, "none"});
  f(AutomaticKey<AcmeEab>{"acme_eab", &Automatic::acme_eab, "none"});
  f(AutomaticKey<AcmeKeyType>{"acme_key_type", &Automatic::acme_key_type, "ecdsa-p256"});
  f(AutomaticKey<std::vector<AcmeChallenge>>{"acme_challenges", &Automatic::acme_challenges,
                                             "[http-01, tls-alpn-01]"});
  f(AutomaticKey<Words>{"acme_dns_hook", &Automatic::acme_dns_hook, "none"});
  f(AutomaticKey<std::string>{"acme_profile", &Automatic::acme_profile, "none"});
  f(AutomaticKey<Words>{"acme_extra_names", &Automatic::acme_extra_names, "[]", true});
  f(AutomaticKey<bool>{"acme_wildcard", &Automatic::acme_wildcard, "false", true});
  f(AutomaticKey<bool>{"acme_reuse_key", &Automatic::acme_reuse_key, "false"});
  f(AutomaticKey<bool>{"local_ca", &Automatic::local_ca, "false"});
  f(AutomaticKey<Words>{"local_ca_addresses", &Automatic::local_ca_addresses, "[]"});
}

// Whether any of them is set.
inline bool sets_any(const Inherited& inherited) {
  bool any = false;
  for_each_inherited([&](const auto& key) { any |= (inherited.*key.member).has_value(); });
  return any || inherited.automatic != nullptr;
}

// Whether both set the same to the same.
inline bool same_values(const Inherited& a, const Inherited& b) {
  bool same = (a.automatic == nullptr) == (b.automatic == nullptr) &&
              (a.automatic == nullptr || *a.automatic == *b.automatic);
  for_each_inherited([&](const auto& key) {
    const auto& x = a.*key.member;
    const auto& y = b.*key.member;
    same = same && x.has_value() == y.has_value() && (!x || x->value == y->value);
  });
  return same;
}

// The built-in of an inherited key as text.
constexpr std::string_view built_in(std::string_view name) {
  std::string_view text;
  for_each_inherited([&](const auto& key) {
    if (key.name == name) text = key.default_text;
  });
  return text;
}

constexpr std::string_view automatic_default(std::string_view name) {
  std::string_view text;
  for_each_automatic([&](const auto& key) {
    if (key.name == name) text = key.default_text;
  });
  return text;
}

}  // namespace arbortls::config
