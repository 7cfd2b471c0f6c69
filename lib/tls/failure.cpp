#include "tls/failure.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace arbortls::tls {

std::string_view to_string(HandshakeFailure failure) noexcept {
  switch (failure) {
    case HandshakeFailure::no_shared_version: return "no_shared_version";
    case HandshakeFailure::no_shared_cipher: return "no_shared_cipher";
    case HandshakeFailure::not_tls: return "not_tls";
    case HandshakeFailure::malformed: return "malformed";
    case HandshakeFailure::peer_alert: return "peer_alert";
    case HandshakeFailure::closed_early: return "closed_early";
    case HandshakeFailure::timeout: return "timeout";
    case HandshakeFailure::waited_too_long: return "waited_too_long";
    case HandshakeFailure::bad_proxy_header: return "bad_proxy_header";
    case HandshakeFailure::no_certificate: return "no_certificate";
    case HandshakeFailure::unknown_validation: return "unknown_validation";
    case HandshakeFailure::internal:
    case HandshakeFailure::count_: break;
  }
  return "internal";
}

namespace {

HandshakeFailure from_reason(int reason) noexcept {
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_UNKNOWN_SSL_VERSION:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_INAPPROPRIATE_FALLBACK: return HandshakeFailure::no_shared_version;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM: return HandshakeFailure::no_shared_cipher;
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_RECORD_LENGTH_MISMATCH:
    case SSL_R_PACKET_LENGTH_TOO_LONG: return HandshakeFailure::not_tls;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return HandshakeFailure::closed_early;
    case ERR_R_MALLOC_FAILURE:
    case ERR_R_INTERNAL_ERROR:
    case SSL_R_CLIENTHELLO_TLSEXT:
    case SSL_R_CALLBACK_FAILED: return HandshakeFailure::internal;
    default: break;
  }
  // OpenSSL reports an alert the peer sent as SSL_AD_REASON_OFFSET + its number.
  if (reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) {
    return HandshakeFailure::peer_alert;
  }
  return HandshakeFailure::malformed;
}

}  // namespace

HandshakeFailure classify(int ssl_error) noexcept {
  // What a library below TLS reports first has numbers of its own; TLS adds its view of it last.
  unsigned long code = ERR_peek_error();
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) code = ERR_peek_last_error();
  const int reason = code != 0 ? ERR_GET_REASON(code) : 0;
  ERR_clear_error();
  if (ssl_error == SSL_ERROR_SYSCALL || ssl_error == SSL_ERROR_ZERO_RETURN || code == 0) {
    return HandshakeFailure::closed_early;
  }
  return from_reason(reason);
}

}  // namespace arbortls::tls
