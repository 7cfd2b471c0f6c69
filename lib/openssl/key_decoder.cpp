#include "openssl/key_decoder.hpp"

#include <openssl/err.h>

#include <utility>

namespace arbortls::openssl {

KeyDecoder::KeyDecoder(const char* type, const char* structure)
    : context_(OSSL_DECODER_CTX_new_for_pkey(&key_, "DER", structure, type, EVP_PKEY_KEYPAIR,
                                             nullptr, nullptr)) {
  ERR_clear_error();
}

EvpPkeyPtr KeyDecoder::decode(std::span<const unsigned char> der) {
  const unsigned char* at = der.data();
  std::size_t left = der.size();
  const bool decoded = context_ && OSSL_DECODER_from_data(context_.get(), &at, &left) == 1;
  EvpPkeyPtr key(std::exchange(key_, nullptr));
  ERR_clear_error();
  return decoded && left == 0 ? std::move(key) : nullptr;
}

}  // namespace arbortls::openssl
