#include "tls/ticket_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

namespace arbortls::tls {
namespace {

int start_mac(EVP_MAC_CTX* mac, const TicketKey& key) {
  // The parameter's type is not const, though nothing is written through it.
  auto secret = key.hmac;
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const int done = EVP_MAC_CTX_set_params(mac, parameters);
  OPENSSL_cleanse(secret.data(), secret.size());
  return done;
}

}  // namespace

TicketKey::~TicketKey() {
  OPENSSL_cleanse(aes.data(), aes.size());
  OPENSSL_cleanse(hmac.data(), hmac.size());
}

TicketKeys::TicketKeys(std::vector<TicketKey> newest_first)
    : generations_(std::move(newest_first)) {
  if (generations_.size() > most_generations) generations_.resize(most_generations);
}

TicketKeys::Found TicketKeys::find(const unsigned char* name16) const noexcept {
  for (const TicketKey& key : generations_) {
    if (std::equal(key.name.begin(), key.name.end(), name16)) {
      return {&key, &key != &generations_.front()};
    }
  }
  return {};
}

int ticket_key_callback(SSL* /*ssl*/, unsigned char* name16, unsigned char* iv,
                        EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int encrypt,
                        const TicketKeys& keys) {
  if (encrypt == 1) {
    const TicketKey& key = keys.current();
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    std::memcpy(name16, key.name.data(), key.name.size());
    if (EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.aes.data(), iv) != 1) return -1;
    return start_mac(mac, key) == 1 ? 1 : -1;
  }
  const auto found = keys.find(name16);
  if (found.key == nullptr) return 0;
  if (start_mac(mac, *found.key) != 1) return -1;
  if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, found.key->aes.data(), iv) != 1)
    return -1;
  return found.renew ? 2 : 1;
}

}  // namespace arbortls::tls
