#pragma once
// How the client trusts: by the system's CAs and a file's, and only who has the name that was asked for.

#include "base/result.hpp"
#include "http/client.hpp"

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace arbortls::http {

using ContextPtr = std::shared_ptr<boost::asio::ssl::context>;

// TLS 1.2 at least. `ca_file`: PEM certificates that are trusted too; "": none. `trust` may be null.
Result<ContextPtr> client_context(const std::string& ca_file, Trust* trust);

// By `ca_file`.
struct Trust::Contexts {
  struct Entry {
    ContextPtr context;
    std::filesystem::file_time_type changed;  // when the file was
    std::chrono::steady_clock::time_point read_at;
  };
  std::map<std::string, Entry> entries;
};

// The certificate has to be for `host`, a name (which is sent as SNI) or an IP address. False: no memory.
bool expect_server(SSL* ssl, const std::string& host);

// After a handshake that has failed: why the certificate was refused, or `otherwise`.
std::string why_no_handshake(SSL* ssl, const std::string& otherwise);

}  // namespace arbortls::http
