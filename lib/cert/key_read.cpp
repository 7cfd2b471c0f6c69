#include "cert/key_read.hpp"

#include "cert/kdf_rounds.hpp"

#include <algorithm>
#include <climits>
#include <cstring>
#include <span>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace arbortls::cert {
namespace {

using openssl::EvpPkeyPtr;
using openssl::Pkcs8Ptr;
using X509SigPtr = openssl::Handle<X509_SIG, X509_SIG_free>;

struct Wiper {
  Bytes& bytes;
  ~Wiper() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

Error damaged(const char* what) {
  const std::string reason = openssl::drain_errors();
  return error(std::string(what) + " is damaged" + (reason.empty() ? "" : " (" + reason + ")"));
}

Error missing_passphrase() {
  return error("the private key is encrypted and no passphrase is given");
}

// A wrong passphrase shows as bad padding or as bytes that are no key; anything else is a matter of
// algorithms.
Error cannot_decrypt() {
  const unsigned long code = ERR_peek_error();
  const bool unsupported =
      ERR_GET_REASON(code) == ERR_R_UNSUPPORTED ||
      (ERR_GET_LIB(code) == ERR_LIB_EVP && (ERR_GET_REASON(code) == EVP_R_UNSUPPORTED_ALGORITHM ||
                                            ERR_GET_REASON(code) == EVP_R_UNKNOWN_PBE_ALGORITHM));
  ERR_clear_error();
  if (unsupported) return error("the private key is encrypted with an unsupported algorithm");
  return error("wrong passphrase");
}

Result<PrivateKey> checked(EvpPkeyPtr key) {
  if (!key) return damaged("the private key");
  const auto type = type_of(key.get());
  if (!type) return error("the private key is of a type that is of no use for TLS certificates");
  return PrivateKey(std::move(key), *type);
}

Result<PrivateKey> read_pkcs8(const PKCS8_PRIV_KEY_INFO* info) {
  return checked(EvpPkeyPtr(EVP_PKCS82PKEY(info)));
}

Result<PrivateKey> read_typed(int type, KeyForm form, const Bytes& der, Tools& tools) {
  if (auto key = tools.decode_key(type, form, der)) return checked(std::move(key));
  const unsigned char* at = der.data();
  EvpPkeyPtr key(d2i_PrivateKey(type, nullptr, &at, static_cast<long>(der.size())));
  if (key && at != der.data() + der.size())
    return error("bytes follow the private key in its block");
  return checked(std::move(key));
}

// RFC 8017's RSAPrivateKey, and nothing behind it.
bool is_one_sequence(std::span<const unsigned char> der) {
  const unsigned char* at = der.data();
  long length = 0;
  int tag = 0;
  int kind = 0;
  const int found = ASN1_get_object(&at, &length, &tag, &kind, static_cast<long>(der.size()));
  return found == V_ASN1_CONSTRUCTED && tag == V_ASN1_SEQUENCE &&
         at + length == der.data() + der.size();
}

// `inner` is of a PKCS#8 key, `whole` all of it.
void keep_stored_form(PrivateKey& key, std::span<const unsigned char> inner, const Bytes& whole) {
  // RFC 8410 of version 0, with neither attributes nor a public key.
  constexpr std::size_t ed25519_size = 48;
  constexpr std::size_t ed448_size = 73;
  constexpr std::size_t version_at = 4;
  if (key.type == KeyType::rsa && is_one_sequence(inner)) {
    key.stored.emplace(Bytes(inner.begin(), inner.end()));
  } else if (((key.type == KeyType::ed25519 && whole.size() == ed25519_size) ||
              (key.type == KeyType::ed448 && whole.size() == ed448_size)) &&
             whole[version_at] == 0) {
    key.stored.emplace(Bytes(whole));
  }
  ERR_clear_error();
}

Result<PrivateKey> read_encrypted_pkcs8(const Bytes& der, const std::string& passphrase) {
  const unsigned char* at = der.data();
  const X509SigPtr sig(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!sig) return damaged("the encrypted private key");
  if (passphrase.empty()) return missing_passphrase();
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(sig.get(), &algorithm, nullptr);
  if (kdf_rounds(algorithm) > max_kdf_rounds)
    return error("the private key's encryption asks for too many rounds");
  const Pkcs8Ptr info(
      PKCS8_decrypt(sig.get(), passphrase.data(), static_cast<int>(passphrase.size())));
  if (!info) return cannot_decrypt();
  return read_pkcs8(info.get());
}

struct Passphrase {
  const std::string& text;
};

int give_passphrase(char* buffer, int size, int /*writing*/, void* from) {
  const auto& text = static_cast<const Passphrase*>(from)->text;
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

// RFC 1421: the block itself says how its DER is encrypted.
Result<void> decrypt_dek(const DekInfo& dek, const std::string& passphrase, Bytes& der) {
  if (passphrase.empty()) return missing_passphrase();
  std::string header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: ";
  header.append(dek.cipher).append(",").append(dek.iv).append("\n");
  EVP_CIPHER_INFO cipher{};
  if (PEM_get_EVP_CIPHER_INFO(header.data(), &cipher) != 1) {
    ERR_clear_error();
    return error("the private key is encrypted with an unsupported algorithm");
  }
  Passphrase given{passphrase};
  long length = static_cast<long>(der.size());
  if (PEM_do_header(&cipher, der.data(), &length, give_passphrase, &given) != 1) {
    return cannot_decrypt();
  }
  OPENSSL_cleanse(der.data() + length, der.size() - static_cast<std::size_t>(length));
  der.resize(static_cast<std::size_t>(length));
  return {};
}

Result<PrivateKey> read_labelled(std::string_view label, const Bytes& der, Tools& tools) {
  constexpr auto form = KeyForm::type_specific;
  if (label == "RSA PRIVATE KEY") {
    auto key = read_typed(EVP_PKEY_RSA, form, der, tools);
    if (key) keep_stored_form(*key, der, der);
    return key;
  }
  if (label == "EC PRIVATE KEY") return read_typed(EVP_PKEY_EC, form, der, tools);
  return read_key_der(der, tools);
}

}  // namespace

PrivateKey::PrivateKey(openssl::EvpPkeyPtr read, KeyType its_type)
    : key(std::move(read)),
      type(its_type),
      ec(ec_numbers(key.get())),
      rsa(rsa_numbers(key.get())) {}

bool is_key_label(std::string_view label) noexcept {
  return label == "PRIVATE KEY" || label == "ENCRYPTED PRIVATE KEY" || label == "RSA PRIVATE KEY" ||
         label == "EC PRIVATE KEY";
}

std::optional<KeyType> type_of(const EVP_PKEY* key) noexcept {
  // A certificate's public key need not be one: a point off its curve decodes to none.
  if (key == nullptr) return std::nullopt;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return KeyType::rsa;
    case EVP_PKEY_RSA_PSS:
      return KeyType::rsa_pss;
    case EVP_PKEY_EC:
      return KeyType::ecdsa;
    case EVP_PKEY_ED25519:
      return KeyType::ed25519;
    case EVP_PKEY_ED448:
      return KeyType::ed448;
    default:
      return std::nullopt;
  }
}

Result<PrivateKey> read_key_der(const Bytes& der, Tools& tools) {
  const unsigned char* at = der.data();
  const Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (info) {
    if (at != der.data() + der.size()) return error("bytes follow the private key in its block");
    // Told the type, OpenSSL need not try every decoder it has: several times cheaper.
    const ASN1_OBJECT* oid = nullptr;
    const unsigned char* inner = nullptr;
    int length = 0;
    PKCS8_pkey_get0(&oid, &inner, &length, nullptr, info.get());
    auto key = read_typed(OBJ_obj2nid(oid), KeyForm::pkcs8, der, tools);
    if (key) keep_stored_form(*key, {inner, static_cast<std::size_t>(length)}, der);
    return key;
  }
  ERR_clear_error();
  at = der.data();
  return checked(EvpPkeyPtr(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size()))));
}

Result<PrivateKey> read_key(const PemBlock& block, const std::string& passphrase, Tools& tools) {
  auto der = decode_base64(block.base64);
  if (!der || der->empty()) return error("the private key is damaged (not base64)");
  const Wiper wiper{*der};
  if (block.label == "ENCRYPTED PRIVATE KEY") return read_encrypted_pkcs8(*der, passphrase);
  if (!block.dek.present()) return read_labelled(block.label, *der, tools);
  if (auto opened = decrypt_dek(block.dek, passphrase, *der); !opened) return opened.error();
  auto key = read_labelled(block.label, *der, tools);
  // Padding can come out right by chance: one wrong passphrase in some 256.
  if (!key) return error("wrong passphrase");
  return key;
}

Result<PrivateKey> read_any_key_der(const Bytes& der, const std::string& passphrase, Tools& tools) {
  const unsigned char* at = der.data();
  const X509SigPtr encrypted(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return encrypted ? read_encrypted_pkcs8(der, passphrase) : read_key_der(der, tools);
}

SecretBytes key_to_der(const PrivateKey& key) {
  // i2d_PrivateKey would look for an encoder each time.
  if (key.ec) return ec_private_key(*key.ec);
  if (key.stored) return SecretBytes(Bytes(key.stored->bytes()));
  unsigned char* out = nullptr;
  const int length = i2d_PrivateKey(key.key.get(), &out);
  if (length <= 0) {
    ERR_clear_error();
    return {};
  }
  Bytes bytes(out, out + length);
  OPENSSL_clear_free(out, static_cast<std::size_t>(length));
  return SecretBytes(std::move(bytes));
}

}  // namespace arbortls::cert
