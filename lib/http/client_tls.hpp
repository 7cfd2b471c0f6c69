#pragma once
// How the client trusts: by the system's CAs and a file's, and only who has the name that was asked for.

#include "base/result.hpp"

#include <boost/asio/ssl/context.hpp>

#include <string>

namespace arbortls::http {

// TLS 1.2 at least. `ca_file`: PEM certificates that are trusted too; "": none.
Result<boost::asio::ssl::context> client_context(const std::string& ca_file);

// The certificate has to be for `host`, a name (which is sent as SNI) or an IP address. False: no memory.
bool expect_server(SSL* ssl, const std::string& host);

// After a handshake that has failed: why the certificate was refused, or `otherwise`.
std::string why_no_handshake(SSL* ssl, const std::string& otherwise);

}  // namespace arbortls::http
