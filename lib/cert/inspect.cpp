#include "cert/inspect.hpp"

#include "cert/chain.hpp"
#include "cert/checks.hpp"
#include "cert/desk.hpp"
#include "cert/digest.hpp"
#include "cert/input.hpp"
#include "cert/known_issuers.hpp"
#include "cert/load.hpp"
#include "cert/names.hpp"
#include "cert/pairing.hpp"
#include "cert/pem_write.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include <openssl/err.h>

namespace arbortls::cert {
namespace {

constexpr std::size_t most_chains = 16;

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

struct Pins {
  std::string hex, base64;
};

// Of a key's SubjectPublicKeyInfo.
Pins pins_of(EVP_PKEY* key) {
  unsigned char* out = nullptr;
  const int length = key != nullptr ? i2d_PUBKEY(key, &out) : 0;
  if (length <= 0) return {};
  const Digest digest = sha256({out, static_cast<std::size_t>(length)});
  OPENSSL_free(out);
  std::array<unsigned char, 4 * (std::tuple_size_v<Digest> + 2) / 3 + 1> text{};
  const int size = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return {to_hex(digest), std::string(text.begin(), text.begin() + size)};
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
  seen.pin = pins_of(key).base64;
  return seen;
}

InspectedKey look_at(const PrivateKey& key, const std::vector<ParsedPtr>& certificates) {
  EVP_PKEY* pkey = key.key.get();
  Pins pins = pins_of(pkey);
  const bool matches = std::any_of(certificates.begin(), certificates.end(), [&](const auto& c) {
    const EVP_PKEY* own = X509_get0_pubkey(c->x509.get());
    return own != nullptr && EVP_PKEY_eq(own, pkey) == 1;
  });
  return {type_text(pkey), EVP_PKEY_get_bits(pkey), std::move(pins.hex), false,
          std::move(pins.base64), matches};
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

bool is_issuer(const std::vector<ParsedPtr>& all, const ParsedPtr& one) {
  return std::any_of(all.begin(), all.end(), [&](const auto& other) {
    return other != one && X509_check_issued(one->x509.get(), other->x509.get()) == X509_V_OK;
  });
}

InspectedChain chain_above(const std::vector<ParsedPtr>& all, std::size_t leaf, std::int64_t now,
                           Desk& desk) {
  const auto subject_of = [&](std::size_t i) {
    return to_text(X509_get_subject_name(all[i]->x509.get()));
  };
  const Chain chain = chain_of(all, leaf, now);
  InspectedChain seen{subject_of(leaf), {}, {}, true};
  for (const std::size_t i : chain.members) seen.members.push_back(subject_of(i));
  const ParsedPtr& top = all[chain.members.empty() ? leaf : chain.members.back()];
  const std::string issuer = '"' + to_text(X509_get_issuer_name(top->x509.get())) + '"';
  if (is_self_signed(top->x509.get())) {
    seen.end = "it is self-signed and needs no chain";
  } else if (chain.has_root) {
    seen.end = "the root " + issuer + " stands here too; it is not sent";
  } else if (desk.pool().issuers().anchored(*top)) {
    seen.end = "it ends below the root " + issuer + ", which this machine trusts";
  } else {
    seen.complete = false;
    seen.end = chain.members.empty()
                   ? "missing: the certificate of the issuer " + issuer
                   : "it ends below " + issuer + ": a root of your own, or missing";
  }
  return seen;
}

// Of each certificate with its key; where there is none, of each that is no CA and issued no other.
void look_at_chains(Inspected& seen, const std::vector<ParsedPtr>& all, std::int64_t now,
                    Desk& desk) {
  const auto& looks = seen.certificates;
  const bool has_pairs =
      std::any_of(looks.begin(), looks.end(), [](const auto& look) { return look.has_key; });
  for (std::size_t i = 0; i < all.size() && seen.chains.size() < most_chains; ++i) {
    const bool is_leaf = has_pairs ? looks[i].has_key : !looks[i].is_ca && !is_issuer(all, all[i]);
    if (is_leaf) seen.chains.push_back(chain_above(all, i, now, desk));
  }
}

void judge(Inspected& seen, Material material, const std::string& refusal, std::int64_t now,
           Desk& desk) {
  if (!refusal.empty()) {
    seen.problems.push_back(refusal);
    return;
  }
  const auto loaded = assemble(std::move(material), LoadOptions{{}, now}, desk);
  seen.usable = loaded.has_value();
  if (loaded) {
    seen.problems = loaded->warnings;
  } else {
    seen.problems.push_back(loaded.error().message);
  }
}

}  // namespace

Result<Inspected> inspect(std::string_view bytes, const std::string& passphrase, std::int64_t now,
                          std::string_view file) {
  if (bytes.size() > max_text) {
    return error("the input is larger than " + std::to_string(max_text) + " bytes");
  }
  ERR_clear_error();
  Inspected seen;
  const Format format = format_of(bytes);
  seen.format = to_string(format);
  if (auto refused = refusal_of(format, file)) return error(std::move(*refused));
  const bool nothing = format == Format::pem && !from_utf16(bytes) &&
                       bytes.find("-----BEGIN ") == bytes.npos;
  if (nothing) return error("neither PEM, DER, PKCS#7 nor PKCS#12: no certificate and no key found");
  Desk desk(nullptr);
  Material material;
  std::string refusal;
  if (auto added = add_input(material, {bytes, file}, passphrase, desk); !added) {
    refusal = added.error().message;
    material = {};
    if (format == Format::pem) look_at_blocks(seen, material, bytes, passphrase, desk);
  }
  for (auto& certificate : material.certificates) {
    // One that fails is shown without its key; loading tells why it is refused.
    if (!complete(certificate)) ERR_clear_error();
    seen.certificates.push_back(look_at(*certificate, material.keys));
  }
  for (const auto& key : material.keys) seen.keys.push_back(look_at(key, material.certificates));
  look_at_chains(seen, material.certificates, now, desk);
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
  const auto loaded = assemble(std::move(material), LoadOptions{{}, now}, desk);
  if (!loaded) return loaded.error();
  std::string text = to_pem(*loaded->certificate);
  if (text.empty()) return error("the certificate cannot be written: " + openssl::drain_errors());
  return text;
}

}  // namespace arbortls::cert
