#pragma once
// Why a handshake failed, out of a fixed set that logs and metrics share.

#include <string_view>

namespace arbortls::tls {

enum class HandshakeFailure {
  no_shared_version,
  no_shared_cipher,
  not_tls,
  malformed,
  peer_alert,
  closed_early,
  timeout,
  waited_too_long,  // for us; its client is taken to have given up
  bad_proxy_header,
  no_certificate,
  unknown_validation,  // a CA asks for a proof (tls-alpn-01) that nobody here waits for
  internal,
  count_
};

std::string_view to_string(HandshakeFailure failure) noexcept;

// From the last SSL_get_error() of a failed SSL_do_handshake() and this thread's error queue, which it empties.
HandshakeFailure classify(int ssl_error) noexcept;

}  // namespace arbortls::tls
