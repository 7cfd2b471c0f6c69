#include "cert/input.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

namespace arbortls::cert {
namespace {

using openssl::Pkcs12Ptr;

// The same bound as for encrypted keys: a file must not be able to ask for minutes of computing.
constexpr long max_mac_rounds = 20'000'000;

Pkcs12Ptr parse_pkcs12(std::string_view bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = at + bytes.size();
  Pkcs12Ptr parsed(d2i_PKCS12(nullptr, &at, static_cast<long>(bytes.size())));
  ERR_clear_error();
  return parsed && at == end ? std::move(parsed) : nullptr;
}

struct StackDeleter {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
};

Result<void> add_x509(Material& material, X509* x509, Desk& desk) {
  unsigned char* out = nullptr;
  const int length = i2d_X509(x509, &out);
  if (length <= 0) return error("a certificate cannot be encoded");
  const Bytes der(out, out + length);
  OPENSSL_free(out);
  auto read = read_certificate_der(der, desk);
  if (!read) return read.error();
  add_certificate(material, std::move(*read));
  return {};
}

bool asks_too_much(const PKCS12* pkcs12) {
  const ASN1_INTEGER* rounds = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &rounds, pkcs12);
  return rounds != nullptr && ASN1_INTEGER_get(rounds) > max_mac_rounds;
}

Result<void> add_pkcs12(Material& material, PKCS12* pkcs12, const std::string& passphrase,
                        Desk& desk) {
  if (asks_too_much(pkcs12)) return error("the PKCS#12's encryption asks for too many rounds");
  EVP_PKEY* key = nullptr;
  X509* leaf = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (PKCS12_parse(pkcs12, passphrase.c_str(), &key, &leaf, &others) != 1) {
    const bool mac = ERR_GET_REASON(ERR_peek_last_error()) == PKCS12_R_MAC_VERIFY_FAILURE;
    const std::string reason = openssl::drain_errors();
    if (mac && passphrase.empty())
      return error("the PKCS#12 is encrypted and no passphrase is given");
    return error(mac ? "wrong passphrase" : "the PKCS#12 cannot be opened (" + reason + ")");
  }
  const openssl::EvpPkeyPtr owned_key(key);
  const openssl::X509Ptr owned_leaf(leaf);
  const std::unique_ptr<STACK_OF(X509), StackDeleter> owned_others(others);
  if (key != nullptr) {
    const auto type = type_of(key);
    if (!type) return error("the private key is of a type that is of no use for TLS certificates");
    add_key(material, PrivateKey(openssl::share(key), *type));
  }
  if (leaf != nullptr) {
    if (auto added = add_x509(material, leaf, desk); !added) return added;
  }
  for (int i = 0; i < sk_X509_num(others); ++i) {
    if (auto added = add_x509(material, sk_X509_value(others, i), desk); !added) return added;
  }
  return {};
}

Result<void> add_der(Material& material, std::string_view bytes, const std::string& passphrase,
                     Desk& desk) {
  Bytes der(bytes.begin(), bytes.end());
  if (auto certificate = read_certificate_der(der, desk)) {
    add_certificate(material, std::move(*certificate));
    return {};
  }
  ERR_clear_error();
  auto key = read_any_key_der(der, passphrase, desk.tools());
  OPENSSL_cleanse(der.data(), der.size());
  if (!key) return key.error();
  add_key(material, std::move(*key));
  return {};
}

}  // namespace

std::string_view format_of(std::string_view bytes) noexcept {
  // Every DER structure in question is a SEQUENCE of more than 127 bytes or nearly so; PEM is text.
  constexpr char sequence = 0x30;
  if (bytes.size() < 2 || bytes.front() != sequence || bytes.find("-----BEGIN ") == 0) return "PEM";
  const auto length = static_cast<unsigned char>(bytes[1]);
  const bool text = length >= 0x20 && length < 0x7f && bytes.find("-----BEGIN ") != bytes.npos;
  if (text) return "PEM";
  return parse_pkcs12(bytes) ? "PKCS#12" : "DER";
}

Result<void> add_input(Material& material, std::string_view bytes, const std::string& passphrase,
                       Desk& desk) {
  const auto format = format_of(bytes);
  if (format == "PEM") return add_pem(material, bytes, passphrase, desk);
  if (format == "DER") return add_der(material, bytes, passphrase, desk);
  const Pkcs12Ptr pkcs12 = parse_pkcs12(bytes);
  return add_pkcs12(material, pkcs12.get(), passphrase, desk);
}

}  // namespace arbortls::cert
