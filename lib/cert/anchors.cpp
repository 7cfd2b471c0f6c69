#include "cert/anchors.hpp"

#include "cert/checks.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

namespace arbortls::cert {
namespace {

using Context = openssl::Handle<X509_STORE_CTX, X509_STORE_CTX_free>;

openssl::X509Ptr issuer_in(X509_STORE* store, X509* subject) {
  const Context context(X509_STORE_CTX_new());
  X509* issuer = nullptr;
  if (!context || X509_STORE_CTX_init(context.get(), store, subject, nullptr) != 1) return nullptr;
  if (X509_STORE_CTX_get1_issuer(&issuer, context.get(), subject) != 1) return nullptr;
  return openssl::X509Ptr(issuer);
}

}  // namespace

bool Anchors::issued(const ParsedCertificate& subject) {
  const std::lock_guard lock(mutex_);
  if (!store_) {
    store_.reset(X509_STORE_new());
    if (store_) X509_STORE_set_default_paths(store_.get());
  }
  const openssl::X509Ptr issuer =
      store_ ? issuer_in(store_.get(), subject.x509.get()) : openssl::X509Ptr();
  EVP_PKEY* key = issuer ? X509_get0_pubkey(issuer.get()) : nullptr;
  const bool anchored =
      key != nullptr && is_self_signed(issuer.get()) && signed_by(subject, key);
  ERR_clear_error();
  return anchored;
}

}  // namespace arbortls::cert
