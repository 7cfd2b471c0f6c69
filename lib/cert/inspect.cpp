#include "cert/inspect.hpp"

#include "cert/checks.hpp"
#include "cert/desk.hpp"
#include "cert/digest.hpp"
#include "cert/input.hpp"
#include "cert/load.hpp"
#include "cert/names.hpp"
#include "cert/pairing.hpp"
#include "cert/pem_write.hpp"

#include <algorithm>

#include <openssl/err.h>

namespace arbortls::cert {
namespace {

std::string type_text(const EVP_PKEY* key) {
  if (const auto type = type_of(key)) return std::string(to_string(*type));
  const char* name = key != nullptr ? EVP_PKEY_get0_type_name(key) : nullptr;
  return name != nullptr ? name : "unknown";
}

std::string serial_of(X509* x509) {
  const openssl::Handle<BIGNUM, BN_free> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), nullptr));
  char* hex = number ? BN_bn2hex(number.get()) : nullptr;
  if (hex == nullptr) return {};
  std::string text(hex);
  OPENSSL_free(hex);
  return text;
}

std::string spki_sha256(EVP_PKEY* key) {
  unsigned char* out = nullptr;
  const int length = i2d_PUBKEY(key, &out);
  if (length <= 0) return {};
  const std::string text = to_hex(sha256({out, static_cast<std::size_t>(length)}));
  OPENSSL_free(out);
  return text;
}

InspectedCertificate look_at(const ParsedCertificate& certificate,
                             const std::vector<PrivateKey>& keys) {
  X509* x509 = certificate.x509.get();
  EVP_PKEY* key = X509_get0_pubkey(x509);
  InspectedCertificate seen;
  seen.subject = to_text(X509_get_subject_name(x509));
  seen.issuer = to_text(X509_get_issuer_name(x509));
  seen.serial = serial_of(x509);
  seen.sha256 = to_hex(certificate.sha256);
  seen.key_type = type_text(key);
  seen.key_bits = key != nullptr ? EVP_PKEY_get_bits(key) : 0;
  const char* algorithm = OBJ_nid2ln(X509_get_signature_nid(x509));
  seen.signature_algorithm = algorithm != nullptr ? algorithm : "unknown";
  seen.not_before = unix_time(X509_get0_notBefore(x509));
  seen.not_after = unix_time(X509_get0_notAfter(x509));
  seen.names = names_of(x509).names;
  seen.is_ca = is_ca(x509);
  seen.self_signed = is_self_signed(x509);
  seen.has_key = key != nullptr && std::any_of(keys.begin(), keys.end(), [&](const PrivateKey& k) {
                   return EVP_PKEY_eq(k.key.get(), key) == 1;
                 });
  return seen;
}

// A PEM of which one block cannot be read still shows all the others.
void look_at_blocks(Inspected& seen, Material& material, std::string_view bytes,
                    const std::string& passphrase, Desk& desk) {
  const auto found = find_pem_blocks(bytes);
  if (!found) return;
  for (const PemBlock& block : found->blocks) {
    const bool encrypted = block.label == "ENCRYPTED PRIVATE KEY" || block.dek.present();
    const std::size_t before = material.keys.size();
    const bool added = add_block(material, block, passphrase, desk).has_value();
    if (encrypted && !added && material.keys.size() == before) {
      seen.keys.push_back({"unknown", 0, {}, true});
    }
  }
}

void judge(Inspected& seen, Material material, const std::string& refusal, std::int64_t now,
           Desk& desk) {
  if (!refusal.empty()) {
    seen.problems.push_back(refusal);
    return;
  }
  const auto loaded = assemble(std::move(material), now, desk);
  seen.usable = loaded.has_value();
  if (loaded) {
    seen.problems = loaded->warnings;
  } else {
    seen.problems.push_back(loaded.error().message);
  }
}

}  // namespace

Result<Inspected> inspect(std::string_view bytes, const std::string& passphrase, std::int64_t now) {
  if (bytes.size() > max_text) {
    return error("the input is larger than " + std::to_string(max_text) + " bytes");
  }
  ERR_clear_error();
  Inspected seen;
  const Format format = format_of(bytes);
  seen.format = to_string(format);
  const bool nothing = format == Format::pem && !from_utf16(bytes) &&
                       bytes.find("-----BEGIN ") == bytes.npos;
  if (nothing) return error("neither PEM, DER nor PKCS#12: no certificate and no key found");
  Desk desk(nullptr);
  Material material;
  std::string refusal;
  if (auto added = add_input(material, {bytes}, passphrase, desk); !added) {
    refusal = added.error().message;
    material = {};
    if (format == Format::pem) look_at_blocks(seen, material, bytes, passphrase, desk);
  }
  for (auto& certificate : material.certificates) {
    // One that fails is shown without its key; loading tells why it is refused.
    if (!complete(certificate)) ERR_clear_error();
    seen.certificates.push_back(look_at(*certificate, material.keys));
  }
  for (const auto& key : material.keys) {
    EVP_PKEY* pkey = key.key.get();
    seen.keys.push_back({type_text(pkey), EVP_PKEY_get_bits(pkey), spki_sha256(pkey), false});
  }
  judge(seen, std::move(material), refusal, now, desk);
  ERR_clear_error();
  return seen;
}

Result<std::string> bundle(const std::vector<std::string>& inputs, const std::string& passphrase,
                           std::int64_t now) {
  ERR_clear_error();
  Desk desk(nullptr);
  Material material;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].size() > max_text) return error("an input is too large");
    if (auto added = add_input(material, {inputs[i]}, passphrase, desk); !added) {
      return error("input " + std::to_string(i + 1) + ": " + added.error().message);
    }
  }
  const auto loaded = assemble(std::move(material), now, desk);
  if (!loaded) return loaded.error();
  std::string text = to_pem(*loaded->certificate);
  if (text.empty()) return error("the certificate cannot be written: " + openssl::drain_errors());
  return text;
}

}  // namespace arbortls::cert
