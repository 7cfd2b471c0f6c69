#include "authority/leaf.hpp"

#include "authority/x509_facts.hpp"
#include "cert/build.hpp"
#include "cert/pem_write.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509_vfy.h>

namespace arbortls::authority {
namespace {

using cert::add_extension;
using openssl::X509Ptr;
using StorePtr = openssl::Handle<X509_STORE, X509_STORE_free>;
using StoreCtxPtr = openssl::Handle<X509_STORE_CTX, X509_STORE_CTX_free>;

// Keys that TLS 1.2 clients may encrypt to need another usage than keys that only sign.
const char* key_usage(const EVP_PKEY* key) {
  const bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
  return rsa ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature";
}

bool add_extensions(X509* x509, const LeafContent& content, X509* issuer) {
  const bool server = content.subject.purpose == Purpose::server;
  return add_extension(x509, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(x509, issuer, NID_key_usage, key_usage(content.key)) &&
         add_extension(x509, issuer, NID_ext_key_usage, server ? "serverAuth" : "clientAuth") &&
         add_extension(x509, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(x509, issuer, NID_authority_key_identifier, "keyid:always") &&
         (content.subject.names.empty() ||
          add_extension(x509, issuer, NID_subject_alt_name, cert::san_of(content.subject.names)));
}

X509Ptr build(const LeafContent& content, const Issuer& issuer) {
  X509Ptr made(X509_new());
  X509* x509 = made.get();
  const bool built =
      made && X509_set_version(x509, X509_VERSION_3) == 1 && cert::set_random_serial(x509) &&
      cert::set_dates(x509, content.not_before, content.not_after) &&
      cert::set_common_name(X509_get_subject_name(x509), content.subject.common_name) &&
      X509_set_issuer_name(x509, X509_get_subject_name(issuer.x509)) == 1 &&
      X509_set_pubkey(x509, content.key) == 1 && add_extensions(x509, content, issuer.x509) &&
      X509_sign(x509, issuer.key, EVP_sha256()) > 0;
  return built ? std::move(made) : nullptr;
}

// Constraints are OpenSSL's to judge, not only ours: a leaf that clients refuse must not get out.
Result<void> verify(X509* leaf, X509* root, Purpose purpose, std::int64_t now) {
  const StorePtr store(X509_STORE_new());
  const StoreCtxPtr context(X509_STORE_CTX_new());
  const bool ready = store && context && X509_STORE_add_cert(store.get(), root) == 1 &&
                     X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr) == 1 &&
                     X509_STORE_CTX_set_purpose(context.get(), purpose == Purpose::server
                                                                   ? X509_PURPOSE_SSL_SERVER
                                                                   : X509_PURPOSE_SSL_CLIENT) == 1;
  if (!ready) return error("cannot check a certificate: " + openssl::drain_errors());
  X509_STORE_CTX_set_time(context.get(), 0, now);
  const bool good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (good) return {};
  const int reason = X509_STORE_CTX_get_error(context.get());
  return error(std::string("the certificate made would be refused: ") +
               X509_verify_cert_error_string(reason));
}

}  // namespace

openssl::EvpPkeyPtr make_leaf_key(LeafKey kind) {
  constexpr unsigned int rsa_bits = 2048;
  return openssl::EvpPkeyPtr(kind == LeafKey::rsa_2048 ? EVP_RSA_gen(rsa_bits)
                                                       : EVP_EC_gen("P-256"));
}

Result<Leaf> certify(const LeafContent& content, const Issuer& issuer, std::int64_t now) {
  const X509Ptr x509 = build(content, issuer);
  if (!x509) return error("cannot make a certificate: " + openssl::drain_errors());
  const auto sound = verify(x509.get(), issuer.x509, content.subject.purpose, now);
  if (!sound) return sound.error();
  Leaf leaf;
  leaf.certificate_pem = cert::certificate_to_pem(x509.get());
  leaf.issuer_pem = cert::certificate_to_pem(issuer.x509);
  leaf.serial = serial_of(x509.get());
  leaf.not_before = content.not_before;
  leaf.not_after = content.not_after;
  leaf.renew_at = content.not_before + (content.not_after - content.not_before) * 2 / 3;
  return leaf;
}

}  // namespace arbortls::authority
