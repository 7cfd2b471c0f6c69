#include "cert/input.hpp"

#include "cert/load.hpp"
#include "cert/pkcs12_read.hpp"
#include "cert/pkcs7_read.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

namespace arbortls::cert {
namespace {

Result<void> add_text(Material& material, std::string_view bytes, const std::string& passphrase,
                      Desk& desk) {
  auto converted = from_utf16(bytes);
  if (!converted) return add_pem(material, bytes, passphrase, desk);
  material.warnings.emplace_back("the text is in UTF-16; UTF-8 is what other programs expect");
  auto added = add_pem(material, *converted, passphrase, desk);
  wipe(*converted);
  return added;
}

Result<void> add_der(Material& material, std::string_view bytes, const std::string& passphrase,
                     Desk& desk) {
  Bytes der(bytes.begin(), bytes.end());
  if (auto certificate = read_certificate_der(der, desk)) {
    return add_certificate(material, std::move(*certificate));
  }
  ERR_clear_error();
  auto key = read_any_key_der(der, passphrase, desk.tools());
  OPENSSL_cleanse(der.data(), der.size());
  if (!key) return key.error();
  return add_key(material, std::move(*key));
}

}  // namespace

Result<void> add_input(Material& material, const Input& input, const std::string& passphrase,
                       Desk& desk) {
  const Format format = format_of(input.bytes);
  if (auto refusal = refusal_of(format, input.file)) return error(std::move(*refusal));
  switch (format) {
    case Format::der:
      return add_der(material, input.bytes, passphrase, desk);
    case Format::pkcs7:
      return add_pkcs7(material, Bytes(input.bytes.begin(), input.bytes.end()), desk);
    case Format::pkcs12:
      return add_pkcs12(material, parse_pkcs12(input.bytes).get(), passphrase, desk);
    default:
      return add_text(material, input.bytes, passphrase, desk);
  }
}

}  // namespace arbortls::cert
