#include "cert/pem_write.hpp"

#include "cert/load.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace arbortls::cert {
namespace {

// Memory BIOs clear what they held when they grow and when they are freed.
std::string content_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

struct KeyTypeId {
  KeyType type;
  int id;
};

constexpr KeyTypeId key_type_ids[] = {{KeyType::rsa, EVP_PKEY_RSA},
                                      {KeyType::rsa_pss, EVP_PKEY_RSA_PSS},
                                      {KeyType::ecdsa, EVP_PKEY_EC},
                                      {KeyType::ed25519, EVP_PKEY_ED25519},
                                      {KeyType::ed448, EVP_PKEY_ED448}};

using KeyWriter = int (*)(BIO* out, const EVP_PKEY* key, const EVP_CIPHER* cipher,
                          const char* passphrase, int length, pem_password_cb* ask, void* data);

std::string key_written_by(KeyWriter write, EVP_PKEY* key, const std::string& passphrase) {
  const openssl::BioPtr out(BIO_new(BIO_s_secmem()));
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  const bool written = out && write(out.get(), key, cipher, passphrase.data(),
                                    static_cast<int>(passphrase.size()), nullptr, nullptr) == 1;
  return written ? content_of(out.get()) : std::string();
}

}  // namespace

std::string key_to_pem(EVP_PKEY* key, const std::string& passphrase) {
  return key_written_by(PEM_write_bio_PKCS8PrivateKey, key, passphrase);
}

std::string key_to_pkcs8(EVP_PKEY* key, const std::string& passphrase) {
  return key_written_by(i2d_PKCS8PrivateKey_bio, key, passphrase);
}

openssl::EvpPkeyPtr key_of(const Pair& pair) {
  const auto* const id = std::find_if(std::begin(key_type_ids), std::end(key_type_ids),
                                      [&](const KeyTypeId& k) { return k.type == pair.key_type; });
  const Bytes& der = pair.key.bytes();
  const unsigned char* at = der.data();
  return openssl::EvpPkeyPtr(d2i_PrivateKey(id->id, nullptr, &at, static_cast<long>(der.size())));
}

namespace {

void append_wiping(std::string& text, std::string part) {
  // Grown by hand: a reallocation by += would leave the old copy of earlier keys behind.
  std::string grown;
  grown.reserve(text.size() + part.size());
  grown.append(text).append(part);
  wipe(text);
  wipe(part);
  text = std::move(grown);
}

std::string block(const char* label, const Bytes& der, BIO* out) {
  if (out == nullptr || PEM_write_bio(out, label, "", der.data(), static_cast<long>(der.size())) <= 0) return {};
  return content_of(out);
}

std::string key_text(const Pair& pair, const std::string& passphrase) {
  const auto key = key_of(pair);
  if (key) return key_to_pem(key.get(), passphrase);
  ERR_clear_error();
  return {};
}

std::string key_text_as_held(const Pair& pair) {
  const char* const label = pair.key_type == KeyType::ecdsa ? PEM_STRING_ECPRIVATEKEY
                            : pair.key_type == KeyType::rsa ? PEM_STRING_RSA
                                                            : nullptr;
  if (label == nullptr) return key_text(pair, {});
  return block(label, pair.key.bytes(), openssl::BioPtr(BIO_new(BIO_s_secmem())).get());
}

// `key_text_of` gives a pair's key, "" if it cannot.
template <class F>
std::string text_of(const Certificate& certificate, F key_text_of) {
  std::string text;
  for (const Pair& pair : certificate.pairs) {
    std::string key = key_text_of(pair);
    if (key.empty()) {  // half of it would pass for the whole
      wipe(text);
      return {};
    }
    append_wiping(text, std::move(key));
    append_wiping(text, certificate_to_pem(*pair.leaf));
    for (const Der& member : pair.chain) append_wiping(text, certificate_to_pem(*member));
  }
  return text;
}

}  // namespace

std::string certificate_to_pem(X509* x509) {
  const openssl::BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_X509(out.get(), x509) != 1) return {};
  return content_of(out.get());
}

std::string certificate_to_pem(const Bytes& der) {
  return block(PEM_STRING_X509, der, openssl::BioPtr(BIO_new(BIO_s_mem())).get());
}

std::string to_pem(const Certificate& certificate, const std::string& passphrase) {
  return text_of(certificate, [&](const Pair& pair) { return key_text(pair, passphrase); });
}

std::string to_pem_as_held(const Certificate& certificate) { return text_of(certificate, key_text_as_held); }

void wipe(std::string& text) noexcept {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace arbortls::cert
