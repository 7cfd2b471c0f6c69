#pragma once
// The words that stand for enumerators in the configuration, and back.

#include "config/settings.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace arbortls::config {

template <class E>
struct Words;

template <>
struct Words<CertificateChoice> {
  static constexpr std::array table{std::pair{"nearest", CertificateChoice::nearest},
                                    std::pair{"valid", CertificateChoice::valid}};
};
template <>
struct Words<Role> {
  static constexpr std::array table{std::pair{"ws", Role::ws}, std::pair{"sg", Role::sg}};
};
template <>
struct Words<ListenerKind> {
  static constexpr std::array table{std::pair{"tls", ListenerKind::tls},
                                    std::pair{"http_redirect", ListenerKind::http_redirect},
                                    std::pair{"trust_page", ListenerKind::trust_page}};
};
template <>
struct Words<AcmeKeyType> {
  static constexpr std::array table{std::pair{"ecdsa-p256", AcmeKeyType::ecdsa_p256},
                                    std::pair{"rsa-2048", AcmeKeyType::rsa_2048},
                                    std::pair{"both", AcmeKeyType::both}};
};
template <>
struct Words<AcmeChallenge> {
  static constexpr std::array table{std::pair{"http-01", AcmeChallenge::http_01},
                                    std::pair{"tls-alpn-01", AcmeChallenge::tls_alpn_01},
                                    std::pair{"dns-01", AcmeChallenge::dns_01}};
};
template <>
struct Words<Balance> {
  static constexpr std::array table{std::pair{"least_conn", Balance::least_conn},
                                    std::pair{"round_robin", Balance::round_robin},
                                    std::pair{"source_hash", Balance::source_hash}};
};
template <>
struct Words<SendProxy> {
  static constexpr std::array table{std::pair{"none", SendProxy::none},
                                    std::pair{"v1", SendProxy::v1}, std::pair{"v2", SendProxy::v2}};
};
template <>
struct Words<Connect> {
  static constexpr std::array table{std::pair{"first_bytes", Connect::first_bytes},
                                    std::pair{"early", Connect::early}};
};
template <>
struct Words<LogLevel> {
  static constexpr std::array table{
      std::pair{"debug", LogLevel::debug}, std::pair{"info", LogLevel::info},
      std::pair{"warning", LogLevel::warning}, std::pair{"error", LogLevel::error}};
};
template <>
struct Words<LogFormat> {
  static constexpr std::array table{std::pair{"text", LogFormat::text},
                                    std::pair{"json", LogFormat::json}};
};
template <>
struct Words<TlsVersion> {
  static constexpr std::array table{std::pair{"1.2", TlsVersion::tls1_2},
                                    std::pair{"1.3", TlsVersion::tls1_3}};
};

template <class E>
constexpr std::string_view word_of(E value) {
  for (const auto& [word, enumerator] : Words<E>::table) {
    if (enumerator == value) return word;
  }
  return "";
}

}  // namespace arbortls::config
