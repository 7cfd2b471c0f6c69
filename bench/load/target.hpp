#pragma once
// Whom the load is sent to, and as what kind of TLS client.

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "openssl/handles.hpp"

#include <cstdint>
#include <string>

namespace arbortls::bench {

using SslSessionPtr = openssl::Handle<SSL_SESSION, SSL_SESSION_free>;

struct TargetOptions {
  std::uint16_t port = 0;  // on 127.0.0.1, always: this program is no weapon
  unsigned source_addresses =
      0;  // how many of 127.0.1.x to come from, in turn; 0: as the kernel has it
  std::string server_name;
  std::string tls = "1.3";  // the one version offered: 1.2 or 1.3
  std::string ciphersuites = "TLS_AES_128_GCM_SHA256";
  std::string ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
  std::string groups = "X25519:P-256";  // TLS 1.2 wants the certificate's curve among them
};

class Target {
 public:
  static Result<Target> make(const TargetOptions& options);

  // A socket on its way to the server, non-blocking, without Nagle's delay; `turn` picks the source
  // address.
  Result<UniqueFd> connect(std::size_t turn) const;

  // A client's TLS state, as yet without a socket; offers `session` unless it is null.
  Result<openssl::SslPtr> tls(SSL_SESSION* session) const;

  // The first session the server gives from now on is put into `place`, which must outlive the
  // target.
  void keep_first_session(SslSessionPtr& place);

 private:
  Target(TargetOptions options, openssl::SslCtxPtr context)
      : options_(std::move(options)), context_(std::move(context)) {}

  TargetOptions options_;
  openssl::SslCtxPtr context_;
};

}  // namespace arbortls::bench
