#include "config/describe.hpp"
#include "config/keys.hpp"

namespace arbortls::config {
namespace {

template <class Format, auto Member>
constexpr Key row(std::string_view name, std::string_view help) {
  return key<Format, Inherited, Member>(name, built_in(name), help);
}

constexpr std::int64_t day = 86'400'000;

}  // namespace

Keys inherited_keys() {
  static constexpr Key rows[] = {
      row<OwnName, &Inherited::backend>("backend", "the backend that its connections go to"),
      row<Duration<1000, 7 * day>, &Inherited::idle_timeout>(
          "idle_timeout", "a connection on which nothing moved for so long is closed"),
      row<Duration<1000, day>, &Inherited::half_close_timeout>(
          "half_close_timeout", "silence allowed once one side has ended its direction"),
      row<OneOf<CertificateChoice>, &Inherited::certificate_choice>(
          "certificate_choice",
          "`nearest`: the nearest certificate, even expired; `valid`: passes over expired and "
          "non-covering ones while a better one stands further along"),
      row<OneOf<TlsVersion>, &Inherited::tls_min_version>("tls_min_version",
                                                          "oldest TLS version that is spoken"),
      row<Limit<max_limit>, &Inherited::max_connections>(
          "max_connections",
          "connections at once, handshakes included; counted where the value is set: all names that "
          "have it from there share the count, `none` frees from a limit further up"),
      row<Limit<max_limit>, &Inherited::max_handshakes>(
          "max_handshakes",
          "handshakes in progress at once, from the client's first message on; counted likewise"),
  };
  return rows;
}

}  // namespace arbortls::config
