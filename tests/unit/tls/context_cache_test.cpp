#include "tls/context_cache.hpp"

#include "tls/context.hpp"
#include "unit/tls/minted.hpp"

#include <catch2/catch.hpp>

using namespace arbortls;
using namespace arbortls::tls;

namespace {

struct Maker {
  int made = 0;
  bool fails = false;
  ContextCache cache(std::size_t bytes) {
    return ContextCache(bytes, [this](const cert::Certificate& certificate) -> Result<openssl::SslCtxPtr> {
      ++made;
      if (fails) return error("refused");
      return make_context(certificate);
    });
  }
};

std::vector<cert::CertificatePtr> several(int count) {
  std::vector<cert::CertificatePtr> all;
  for (int i = 0; i < count; ++i) all.push_back(test::real("n" + std::to_string(i) + ".example"));
  return all;
}

}  // namespace

TEST_CASE("a context holds the certificate, its key and its chain", "[tls]") {
  const auto certificate = test::real("two.example", {test::Key::p256, test::Key::rsa2048});
  const auto context = make_context(*certificate);
  REQUIRE(context.has_value());
  SSL_CTX* ctx = context->get();
  CHECK(SSL_CTX_check_private_key(ctx) == 1);
  CHECK(EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_CTX_get0_certificate(ctx))) == EVP_PKEY_EC);
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(ctx, &chain);
  REQUIRE(sk_X509_num(chain) == 1);
  CHECK(X509_cmp(sk_X509_value(chain, 0), test::ca().issuer().x509.get()) == 0);
  REQUIRE(SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_FIRST) == 1);
}

TEST_CASE("a context speaks nothing older than TLS 1.2, no compression and no renegotiation", "[tls]") {
  const auto base = make_base_context();
  REQUIRE(base.has_value());
  SSL_CTX* ctx = base->get();
  CHECK(SSL_CTX_get_min_proto_version(ctx) == TLS1_2_VERSION);
  const auto options = SSL_CTX_get_options(ctx);
  CHECK((options & SSL_OP_NO_RENEGOTIATION) != 0);
  CHECK((options & SSL_OP_NO_COMPRESSION) != 0);
  CHECK((options & SSL_OP_CIPHER_SERVER_PREFERENCE) != 0);
  CHECK(SSL_CTX_get_num_tickets(ctx) == 1);
  CHECK((SSL_CTX_get_mode(ctx) & SSL_MODE_RELEASE_BUFFERS) != 0);
  CHECK((SSL_CTX_get_mode(ctx) & SSL_MODE_NO_AUTO_CHAIN) != 0);
  CHECK(SSL_CTX_get0_certificate(ctx) == nullptr);
  STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(ctx);
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) CHECK(SSL_CIPHER_is_aead(sk_SSL_CIPHER_value(ciphers, i)) == 1);
}

TEST_CASE("a certificate whose bytes are spoilt makes an error without a secret", "[tls]") {
  cert::Certificate broken;
  broken.pairs.push_back({cert::KeyType::ecdsa,
                          cert::SecretBytes(cert::Bytes{'S', 'E', 'C', 'R', 'E', 'T'}),
                          std::make_shared<const cert::Bytes>(cert::Bytes{1, 2, 3})});
  const auto context = make_context(broken);
  REQUIRE(context.has_error());
  CHECK(context.error().message.find("SECRET") == std::string::npos);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a context is made once while it is in use", "[tls]") {
  Maker maker;
  ContextCache cache = maker.cache(1 << 20);
  const auto all = several(3);
  SSL_CTX* first = *cache.get(all[0]);
  CHECK(*cache.get(all[1]) != first);
  CHECK(*cache.get(all[0]) == first);
  CHECK(maker.made == 2);
  CHECK(cache.size() == 2);
  CHECK(cache.bytes() > 2 * 13 * 1024);
}

TEST_CASE("the least recently used context goes first and the bound holds", "[tls]") {
  Maker maker;
  const auto all = several(4);
  ContextCache probe = maker.cache(1 << 20);
  REQUIRE(probe.get(all[0]).has_value());
  const std::size_t room = probe.bytes() * 2 + probe.bytes() / 2;
  ContextCache cache = maker.cache(room);
  maker.made = 0;
  for (const int at : {0, 1, 0, 2}) REQUIRE(cache.get(all[static_cast<std::size_t>(at)]).has_value());
  CHECK(maker.made == 3);
  CHECK(cache.size() == 2);
  CHECK(cache.bytes() <= room);
  REQUIRE(cache.get(all[0]).has_value());
  CHECK(maker.made == 3);  // 1 went, not 0
  REQUIRE(cache.get(all[1]).has_value());
  CHECK(maker.made == 4);
}

TEST_CASE("a context larger than the bound is served all the same, alone", "[tls]") {
  Maker maker;
  ContextCache cache = maker.cache(1);
  const auto all = several(2);
  CHECK(cache.get(all[0]).has_value());
  CHECK(cache.get(all[1]).has_value());
  CHECK(cache.size() == 1);
}

TEST_CASE("eviction cuts no session that uses the context", "[tls]") {
  Maker maker;
  ContextCache cache = maker.cache(1);
  const auto all = several(2);
  const openssl::SslPtr session(SSL_new(*cache.get(all[0])));
  REQUIRE(cache.get(all[1]).has_value());
  CHECK(SSL_get_certificate(session.get()) != nullptr);
}

TEST_CASE("a failure is told and not kept", "[tls]") {
  Maker maker;
  ContextCache cache = maker.cache(1 << 20);
  const auto all = several(1);
  maker.fails = true;
  CHECK(cache.get(all[0]).has_error());
  CHECK(cache.size() == 0);
  CHECK(cache.bytes() == 0);
  maker.fails = false;
  CHECK(cache.get(all[0]).has_value());
}

TEST_CASE("a certificate that nobody else holds is let go when asked, one in use stays", "[tls]") {
  Maker maker;
  ContextCache cache = maker.cache(1 << 20);
  auto all = several(2);
  REQUIRE(cache.get(all[0]).has_value());
  REQUIRE(cache.get(all[1]).has_value());
  const std::weak_ptr<const cert::Certificate> replaced = all[0];
  all[0].reset();
  REQUIRE_FALSE(replaced.expired());
  cache.drop_unused();
  CHECK(replaced.expired());
  CHECK(cache.size() == 1);
  REQUIRE(cache.get(all[1]).has_value());
  CHECK(maker.made == 2);
}
