#include "tls/context.hpp"

#include <openssl/err.h>

#include <string>

namespace arbortls::tls {
namespace {

using openssl::EvpPkeyPtr;
using openssl::SslCtxPtr;
using openssl::X509Ptr;

Error failed(const char* doing) {
  return error(std::string(doing) + ": " + openssl::drain_errors());
}

void set_options(SSL_CTX* ctx) {
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_COMPRESSION |
                               SSL_OP_IGNORE_UNEXPECTED_EOF);
  // A chain is sent as it stands: building one in each handshake would search stores we do not have. The modes of the
  // context that a session begins on count, whatever context it is given later.
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(ctx, 1);
  // Sessions live in tickets only: a server-side cache grows and is not shared over a restart.
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ctx, 1);
}

bool set_algorithms(SSL_CTX* ctx) {
  return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_ciphersuites(
             ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
         SSL_CTX_set_cipher_list(ctx,
                                 "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                 "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                 "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305") == 1 &&
         SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1;
}

X509Ptr decode(const cert::Bytes& der) {
  const unsigned char* at = der.data();
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

int evp_type(cert::KeyType type) {
  switch (type) {
    case cert::KeyType::rsa: return EVP_PKEY_RSA;
    case cert::KeyType::rsa_pss: return EVP_PKEY_RSA_PSS;
    case cert::KeyType::ecdsa: return EVP_PKEY_EC;
    case cert::KeyType::ed25519: return EVP_PKEY_ED25519;
    case cert::KeyType::ed448: break;
  }
  return EVP_PKEY_ED448;
}

EvpPkeyPtr decode_key(const cert::Pair& pair) {
  const cert::Bytes& der = pair.key.bytes();
  const unsigned char* at = der.data();
  return EvpPkeyPtr(
      d2i_PrivateKey(evp_type(pair.key_type), nullptr, &at, static_cast<long>(der.size())));
}

bool add_pair(SSL_CTX* ctx, const cert::Pair& pair) {
  const X509Ptr leaf = decode(*pair.leaf);
  const EvpPkeyPtr key = decode_key(pair);
  if (!leaf || !key || SSL_CTX_use_certificate(ctx, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(ctx, key.get()) != 1) {
    return false;
  }
  for (const cert::Der& der : pair.chain) {
    const X509Ptr member = decode(*der);
    if (!member || SSL_CTX_add1_chain_cert(ctx, member.get()) != 1) return false;
  }
  return true;
}

}  // namespace

Result<SslCtxPtr> make_base_context() {
  ERR_clear_error();
  SslCtxPtr ctx(SSL_CTX_new(TLS_server_method()));
  if (!ctx) return failed("cannot make a TLS context");
  set_options(ctx.get());
  if (!set_algorithms(ctx.get())) return failed("cannot set the TLS algorithms");
  return ctx;
}

Result<SslCtxPtr> make_context(const cert::Certificate& certificate) {
  auto made = make_base_context();
  if (!made) return made.error();
  SslCtxPtr ctx = std::move(*made);
  // Added in reverse: OpenSSL takes the last one added as current, and the order of pairs is of preference.
  for (auto pair = certificate.pairs.rbegin(); pair != certificate.pairs.rend(); ++pair) {
    if (!add_pair(ctx.get(), *pair)) return failed("cannot put the certificate into a TLS context");
  }
  return ctx;
}

}  // namespace arbortls::tls
