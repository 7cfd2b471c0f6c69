#include "tls/failure.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace arbortls::tls;

TEST_CASE("each failure has a name of its own", "[tls]") {
  std::set<std::string_view> names;
  for (int i = 0; i < static_cast<int>(HandshakeFailure::count_); ++i) {
    names.insert(to_string(static_cast<HandshakeFailure>(i)));
  }
  CHECK(names.size() == static_cast<std::size_t>(HandshakeFailure::count_));
}

TEST_CASE("OpenSSL's reasons fall into the fixed set and the queue is left empty", "[tls]") {
  const auto [reason, expected] = GENERATE(table<int, HandshakeFailure>({
      {SSL_R_UNSUPPORTED_PROTOCOL, HandshakeFailure::no_shared_version},
      {SSL_R_VERSION_TOO_LOW, HandshakeFailure::no_shared_version},
      {SSL_R_INAPPROPRIATE_FALLBACK, HandshakeFailure::no_shared_version},
      {SSL_R_NO_SHARED_CIPHER, HandshakeFailure::no_shared_cipher},
      {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, HandshakeFailure::no_shared_cipher},
      {SSL_R_HTTP_REQUEST, HandshakeFailure::not_tls},
      {SSL_R_WRONG_VERSION_NUMBER, HandshakeFailure::not_tls},
      {SSL_R_BAD_EXTENSION, HandshakeFailure::malformed},
      {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, HandshakeFailure::peer_alert},
      {SSL_R_TLSV1_ALERT_UNKNOWN_CA, HandshakeFailure::peer_alert},
      {SSL_R_UNEXPECTED_EOF_WHILE_READING, HandshakeFailure::closed_early},
      {ERR_R_MALLOC_FAILURE, HandshakeFailure::internal},
      {SSL_R_CALLBACK_FAILED, HandshakeFailure::internal},
  }));
  ERR_clear_error();
  ERR_raise(ERR_LIB_SSL, reason);
  CHECK(classify(SSL_ERROR_SSL) == expected);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a library's own number is not taken for one of TLS", "[tls]") {
  ERR_clear_error();
  ERR_raise(ERR_LIB_EC, SSL_R_HTTP_REQUEST);
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_ECPOINT);
  CHECK(classify(SSL_ERROR_SSL) == HandshakeFailure::malformed);
}

TEST_CASE("an end without an error is the peer's", "[tls]") {
  ERR_clear_error();
  CHECK(classify(SSL_ERROR_SYSCALL) == HandshakeFailure::closed_early);
  CHECK(classify(SSL_ERROR_ZERO_RETURN) == HandshakeFailure::closed_early);
  CHECK(classify(SSL_ERROR_SSL) == HandshakeFailure::closed_early);
}
