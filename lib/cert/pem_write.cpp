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

openssl::EvpPkeyPtr key_of(const Pair& pair) {
  const auto* const id = std::find_if(std::begin(key_type_ids), std::end(key_type_ids),
                                      [&](const KeyTypeId& k) { return k.type == pair.key_type; });
  const Bytes& der = pair.key.bytes();
  const unsigned char* at = der.data();
  return openssl::EvpPkeyPtr(d2i_PrivateKey(id->id, nullptr, &at, static_cast<long>(der.size())));
}

void append_wiping(std::string& text, std::string part) {
  // Grown by hand: a reallocation by += would leave the old copy of earlier keys behind.
  std::string grown;
  grown.reserve(text.size() + part.size());
  grown.append(text).append(part);
  wipe(text);
  wipe(part);
  text = std::move(grown);
}

}  // namespace

std::string key_to_pem(EVP_PKEY* key, const std::string& passphrase) {
  const openssl::BioPtr out(BIO_new(BIO_s_secmem()));
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  if (!out ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), key, cipher, passphrase.data(),
                                    static_cast<int>(passphrase.size()), nullptr, nullptr) != 1) {
    return {};
  }
  return content_of(out.get());
}

std::string certificate_to_pem(X509* x509) {
  const openssl::BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_X509(out.get(), x509) != 1) return {};
  return content_of(out.get());
}

std::string certificate_to_pem(const Bytes& der) {
  const openssl::BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio(out.get(), PEM_STRING_X509, "", der.data(),
                            static_cast<long>(der.size())) <= 0) {
    return {};
  }
  return content_of(out.get());
}

std::string to_pem(const Certificate& certificate, const std::string& passphrase) {
  std::string text;
  for (const Pair& pair : certificate.pairs) {
    const auto key = key_of(pair);
    if (!key) {
      ERR_clear_error();
      continue;
    }
    append_wiping(text, key_to_pem(key.get(), passphrase));
    append_wiping(text, certificate_to_pem(*pair.leaf));
    for (const Der& member : pair.chain) append_wiping(text, certificate_to_pem(*member));
  }
  return text;
}

void wipe(std::string& text) noexcept {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace arbortls::cert
