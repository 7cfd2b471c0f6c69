#include "cert/pkcs12_write.hpp"

#include "cert/pem_write.hpp"
#include "openssl/handles.hpp"

#include <openssl/err.h>

#include <memory>
#include <set>

namespace arbortls::cert {
namespace {

// Guessing a passphrase shall cost something, opening the file at each start little.
constexpr int rounds = 10'000;
constexpr int cipher = NID_aes_256_cbc;

struct FreeSafes {
  void operator()(STACK_OF(PKCS7) * all) const noexcept { sk_PKCS7_pop_free(all, PKCS7_free); }
};
struct FreeBags {
  void operator()(STACK_OF(PKCS12_SAFEBAG) * all) const noexcept {
    sk_PKCS12_SAFEBAG_pop_free(all, PKCS12_SAFEBAG_free);
  }
};

class Writer {
 public:
  explicit Writer(const std::string& passphrase) : passphrase_(passphrase) {}

  bool add(const Pair& pair) {
    const auto key = key_of(pair);
    if (!key || !add_certificate(pair.leaf, &pair)) return false;
    for (const Der& member : pair.chain) {
      if (known_.insert(*member).second && !add_certificate(member, nullptr)) return false;
    }
    STACK_OF(PKCS12_SAFEBAG)* keys = keys_.release();
    PKCS12_SAFEBAG* bag =
        PKCS12_add_key(&keys, key.get(), 0, rounds, cipher, passphrase_.c_str());
    keys_.reset(keys);
    return bag != nullptr && mark(bag, pair);
  }

  openssl::Pkcs12Ptr finish() {
    STACK_OF(PKCS7)* safes = nullptr;
    const bool added = PKCS12_add_safe(&safes, certificates_.get(), cipher, rounds,
                                       passphrase_.c_str()) == 1 &&
                       PKCS12_add_safe(&safes, keys_.get(), -1, 0, nullptr) == 1;
    const std::unique_ptr<STACK_OF(PKCS7), FreeSafes> owned(safes);
    openssl::Pkcs12Ptr made(added ? PKCS12_add_safes(safes, 0) : nullptr);
    const bool proven = made && PKCS12_set_mac(made.get(), passphrase_.c_str(), -1, nullptr, 0,
                                               rounds, EVP_sha256()) == 1;
    return proven ? std::move(made) : nullptr;
  }

 private:
  bool add_certificate(const Der& der, const Pair* marked) {
    const unsigned char* at = der->data();
    const openssl::X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der->size())));
    if (!x509) return false;
    STACK_OF(PKCS12_SAFEBAG)* bags = certificates_.release();
    PKCS12_SAFEBAG* bag = PKCS12_add_cert(&bags, x509.get());
    certificates_.reset(bags);
    return bag != nullptr && (marked == nullptr || mark(bag, *marked));
  }

  // By the same mark programs find the key of a certificate.
  static bool mark(PKCS12_SAFEBAG* bag, const Pair& pair) {
    auto id = pair.sha256;
    return PKCS12_add_localkeyid(bag, id.data(), static_cast<int>(id.size())) == 1 &&
           (pair.names.empty() ||
            PKCS12_add_friendlyname_utf8(bag, pair.names.front().c_str(), -1) == 1);
  }

  const std::string& passphrase_;
  std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeBags> certificates_;
  std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeBags> keys_;
  std::set<Bytes> known_;
};

}  // namespace

Result<std::string> to_pkcs12(const Certificate& certificate, const std::string& passphrase) {
  Writer writer(passphrase);
  openssl::Pkcs12Ptr made;
  bool added = true;
  for (const Pair& pair : certificate.pairs) added = added && writer.add(pair);
  if (added) made = writer.finish();
  unsigned char* out = nullptr;
  const int length = made ? i2d_PKCS12(made.get(), &out) : 0;
  if (length <= 0) return error("the PKCS#12 cannot be written: " + openssl::drain_errors());
  std::string bytes(reinterpret_cast<const char*>(out), static_cast<std::size_t>(length));
  OPENSSL_clear_free(out, static_cast<std::size_t>(length));
  return bytes;
}

}  // namespace arbortls::cert
