#pragma once
// Real certificates for tests that shake hands, and both ends of a connection in one thread.

#include "cert/load.hpp"
#include "support/test_ca.hpp"
#include "tls/terminator.hpp"
#include "unit/tls/sites.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace arbortls::test {

inline const TestCa& ca() {
  static const TestCa made("Terminator");
  return made;
}

// One pair for each kind of key; RSA keys are made once.
inline cert::CertificatePtr real(const std::string& name, std::vector<Key> keys = {Key::p256}) {
  std::string text;
  for (const Key key : keys) {
    Wanted wanted{name, {name}, key, key == Key::rsa2048 ? 0 : -1};
    const Identity leaf = ca().leaf(wanted);
    text += key_pem(leaf) + pem(leaf);
  }
  cert::LoadOptions options;
  options.now = test_now;
  auto loaded = cert::load_pem(text + chain_pem(ca()), options);
  REQUIRE(loaded.has_value());
  return loaded->certificate;
}

inline std::pair<int, int> socket_pair() {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  return {ends[0], ends[1]};
}

using SessionPtr = openssl::Handle<SSL_SESSION, SSL_SESSION_free>;

// How a test's client behaves.
struct ClientWish {
  std::string sni{};
  int version = 0;  // both ends of the range; 0: as OpenSSL likes
  SSL_SESSION* session = nullptr;
  std::vector<std::string> alpn{};
  std::string sigalgs{};
  std::string ciphers{};  // TLS 1.2
  std::string groups{};
  bool verify = false;  // and it trusts nobody
};

inline int count_session(SSL* ssl, SSL_SESSION* session) {
  auto* kept = static_cast<std::vector<SessionPtr>*>(SSL_get_app_data(ssl));
  kept->emplace_back(session);
  return 1;
}

inline openssl::SslPtr make_client(const ClientWish& wish, int fd) {
  const openssl::SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), count_session);
  openssl::SslPtr client(SSL_new(context.get()));
  SSL_set_fd(client.get(), fd);
  SSL_set_connect_state(client.get());
  if (wish.version != 0) {
    SSL_set_min_proto_version(client.get(), wish.version);
    SSL_set_max_proto_version(client.get(), wish.version);
  }
  if (!wish.sni.empty()) {
    SSL_ctrl(client.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(wish.sni.c_str()));
  }
  std::string protocols;
  for (const auto& protocol : wish.alpn) protocols += static_cast<char>(protocol.size()) + protocol;
  if (!protocols.empty()) {
    SSL_set_alpn_protos(client.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  }
  if (!wish.sigalgs.empty()) REQUIRE(SSL_set1_sigalgs_list(client.get(), wish.sigalgs.c_str()) == 1);
  if (!wish.ciphers.empty()) REQUIRE(SSL_set_cipher_list(client.get(), wish.ciphers.c_str()) == 1);
  if (!wish.groups.empty()) REQUIRE(SSL_set1_groups_list(client.get(), wish.groups.c_str()) == 1);
  if (wish.verify) SSL_set_verify(client.get(), SSL_VERIFY_PEER, nullptr);
  if (wish.session != nullptr) REQUIRE(SSL_set_session(client.get(), wish.session) == 1);
  return client;
}

}  // namespace arbortls::test
