#include "cert/tools.hpp"

#include <openssl/err.h>

namespace arbortls::cert {
namespace {

const char* decoder_name(int type) noexcept {
  switch (type) {
    case EVP_PKEY_RSA:
      return "RSA";
    case EVP_PKEY_RSA_PSS:
      return "RSA-PSS";
    case EVP_PKEY_EC:
      return "EC";
    case EVP_PKEY_ED25519:
      return "ED25519";
    case EVP_PKEY_ED448:
      return "ED448";
    default:
      return nullptr;
  }
}

}  // namespace

openssl::EvpPkeyPtr Tools::decode_key(int type, KeyForm form, std::span<const unsigned char> der) {
  const char* name = decoder_name(type);
  if (name == nullptr) return nullptr;
  const char* structure = form == KeyForm::pkcs8 ? "PrivateKeyInfo" : "type-specific";
  const auto decoder = decoders_.try_emplace({type, form}, name, structure).first;
  auto key = decoder->second.decode(der);
  // What a damaged key left behind must not meet the next one.
  if (!key) decoders_.erase(decoder);
  return key;
}

const EC_GROUP* Tools::curve(int nid) {
  auto& kept = curves_[nid];
  if (!kept) {
    kept.reset(EC_GROUP_new_by_curve_name(nid));
    ERR_clear_error();
  }
  return kept.get();
}

}  // namespace arbortls::cert
