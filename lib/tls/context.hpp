#pragma once
// From a certificate to an SSL_CTX that can serve it. Protocol 1.2 and 1.3, ECDHE AEAD suites with SHA-256 first,
// server preference, no renegotiation, no compression, buffers released when idle. Costs some hundred
// microseconds: not per handshake, see ContextCache.

#include "base/result.hpp"
#include "cert/certificate.hpp"
#include "openssl/handles.hpp"

namespace arbortls::tls {

// A context without a certificate: what every handshake begins on, before its ClientHello chooses.
Result<openssl::SslCtxPtr> make_base_context();

Result<openssl::SslCtxPtr> make_context(const cert::Certificate& certificate);

}  // namespace arbortls::tls
