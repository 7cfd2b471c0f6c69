#include "cert/pkcs7_read.hpp"

#include <openssl/err.h>
#include <openssl/pkcs7.h>

namespace arbortls::cert {
namespace {

using Pkcs7Ptr = openssl::Handle<PKCS7, PKCS7_free>;

Pkcs7Ptr parse(const Bytes& der) {
  const unsigned char* at = der.data();
  Pkcs7Ptr parsed(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  const bool whole = parsed && at == der.data() + der.size();
  return whole && PKCS7_type_is_signed(parsed.get()) ? std::move(parsed) : nullptr;
}

}  // namespace

bool is_pkcs7(const Bytes& der) { return parse(der) != nullptr; }

Result<void> add_pkcs7(Material& material, const Bytes& der, Desk& desk) {
  const Pkcs7Ptr pkcs7 = parse(der);
  if (!pkcs7) return error("a PKCS#7 is damaged, or holds no certificates");
  const STACK_OF(X509)* certificates = pkcs7->d.sign->cert;
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    if (auto added = add_x509(material, sk_X509_value(certificates, i), desk); !added) return added;
  }
  return {};
}

}  // namespace arbortls::cert
