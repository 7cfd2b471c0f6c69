#pragma once
// Settings as text: what explain and status print. The inherited settings are listed once, here.

#include "config/settings.hpp"
#include "config/words.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace arbortls::config {

// The largest unit that divides it: `1h`, `5m`, `1500ms`; one minute is `60s`; zero is `0`.
std::string to_text(Milliseconds duration);
// `64MB`; bytes that no unit divides as `1000 bytes`.
std::string size_to_text(std::uint64_t bytes);
inline std::string to_text(const std::string& text) { return text; }
inline std::string to_text(CertificateChoice value) { return std::string(word_of(value)); }
inline std::string to_text(TlsVersion value) { return std::string(word_of(value)); }
std::string to_text(AtMost limit);  // "none" or the number
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

// Whether any of them is set.
inline bool sets_any(const Inherited& inherited) {
  bool any = false;
  for_each_inherited([&](const auto& key) { any |= (inherited.*key.member).has_value(); });
  return any;
}

// Whether both set the same to the same.
inline bool same_values(const Inherited& a, const Inherited& b) {
  bool same = true;
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

}  // namespace arbortls::config
