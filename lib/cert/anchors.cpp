#include "cert/anchors.hpp"

#include "cert/checks.hpp"

#include <functional>
#include <string_view>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

namespace arbortls::cert {
namespace {

constexpr std::size_t most_names = 65'536;

using Object = openssl::Handle<X509_OBJECT, X509_OBJECT_free>;
using Context = openssl::Handle<X509_STORE_CTX, X509_STORE_CTX_free>;

openssl::X509Ptr issuer_in(X509_STORE* store, X509* subject) {
  const Context context(X509_STORE_CTX_new());
  X509* issuer = nullptr;
  if (!context || X509_STORE_CTX_init(context.get(), store, subject, nullptr) != 1) return nullptr;
  if (X509_STORE_CTX_get1_issuer(&issuer, context.get(), subject) != 1) return nullptr;
  return openssl::X509Ptr(issuer);
}

bool has_name(X509_STORE* store, X509* subject) {
  const Context context(X509_STORE_CTX_new());
  if (!context || X509_STORE_CTX_init(context.get(), store, subject, nullptr) != 1) return false;
  const Object found(X509_STORE_CTX_get_obj_by_subject(context.get(), X509_LU_X509,
                                                       X509_get_issuer_name(subject)));
  ERR_clear_error();
  return found != nullptr;
}

std::size_t hash_of(const X509_NAME* name) {
  const unsigned char* bytes = nullptr;
  std::size_t length = 0;
  if (X509_NAME_get0_der(name, &bytes, &length) != 1) return 0;
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes), length});
}

}  // namespace

// Looking for files takes several times as long as all else, and most names are asked for again and
// again. Remembered is the name alone: nothing that a forged certificate says of it can matter.
bool Anchors::lacks(X509* subject) {
  const std::size_t name = hash_of(X509_get_issuer_name(subject));
  if (absent_.contains(name)) return true;
  if (has_name(store_.get(), subject)) return false;
  if (absent_.size() < most_names) absent_.insert(name);
  return true;
}

bool Anchors::issued(const ParsedCertificate& subject) {
  const std::lock_guard lock(mutex_);
  if (!store_) {
    store_.reset(X509_STORE_new());
    if (store_) X509_STORE_set_default_paths(store_.get());
    ERR_clear_error();
  }
  if (!store_ || lacks(subject.x509.get())) return false;
  const openssl::X509Ptr issuer = issuer_in(store_.get(), subject.x509.get());
  EVP_PKEY* key = issuer ? X509_get0_pubkey(issuer.get()) : nullptr;
  const bool anchored =
      key != nullptr && is_self_signed(issuer.get()) && signed_by(subject, key);
  ERR_clear_error();
  return anchored;
}

}  // namespace arbortls::cert
