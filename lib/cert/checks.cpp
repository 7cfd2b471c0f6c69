#include "cert/checks.hpp"

#include <cstdio>
#include <ctime>
#include <limits>

#include <openssl/bn.h>
#include <openssl/err.h>

namespace arbortls::cert {
namespace {

using openssl::BnPtr;
using PointPtr = openssl::Handle<EC_POINT, EC_POINT_clear_free>;
using BnCtxPtr = openssl::Handle<BN_CTX, BN_CTX_free>;

constexpr int least_rsa_bits = 2048;
constexpr int most_rsa_bits = 16384;  // OpenSSL refuses to compute with larger ones
constexpr int least_ec_bits = 224;

std::string bits_of(const char* kind, int bits) {
  return std::string(kind) + " key of " + std::to_string(bits) + " bits";
}

// d * e = 1 modulo one prime less 1.
bool inverse(const BIGNUM* e, const BIGNUM* d, const BIGNUM* prime, BN_CTX* context) {
  const BnPtr less(BN_dup(prime));
  const BnPtr product(BN_secure_new());
  return less && product && BN_sub_word(less.get(), 1) == 1 && !BN_is_zero(less.get()) &&
         BN_mod_mul(product.get(), e, d, less.get(), context) == 1 && BN_is_one(product.get());
}

// OpenSSL's own check of a pair proves the primes prime again, which takes longer than everything
// else here together; a damaged number already shows in the arithmetic.
bool rsa_agrees(const RsaNumbers& key) {
  if (!key.p || !key.q || key.more_primes) return true;
  const BnCtxPtr context(BN_CTX_secure_new());
  const BnPtr product(BN_secure_new());
  return context && product &&
         BN_mul(product.get(), key.p.get(), key.q.get(), context.get()) == 1 &&
         BN_cmp(product.get(), key.n.get()) == 0 &&
         inverse(key.e.get(), key.d.get(), key.p.get(), context.get()) &&
         inverse(key.e.get(), key.d.get(), key.q.get(), context.get());
}

// The generator times the private number is the public point, which then is in the generator's
// group: all that OpenSSL's own check of a pair proves, by multiplying the point as well.
bool ec_agrees(const EcNumbers& numbers, Tools& tools) {
  const EC_GROUP* curve = tools.curve(numbers.curve);
  const Bytes& secret = numbers.secret.bytes();
  const BnPtr number(BN_secure_new());
  if (curve == nullptr || !number ||
      BN_bin2bn(secret.data(), static_cast<int>(secret.size()), number.get()) == nullptr ||
      BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(curve)) >= 0) {
    return false;
  }
  const PointPtr point(EC_POINT_new(curve));
  const PointPtr product(EC_POINT_new(curve));
  return point && product &&
         EC_POINT_oct2point(curve, point.get(), numbers.point.data(), numbers.point.size(),
                            nullptr) == 1 &&
         EC_POINT_mul(curve, product.get(), number.get(), nullptr, nullptr, nullptr) == 1 &&
         EC_POINT_cmp(curve, product.get(), point.get(), nullptr) == 0;
}

bool pairwise_agrees(EVP_PKEY* key) {
  const openssl::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key, nullptr));
  return context && EVP_PKEY_pairwise_check(context.get()) == 1;
}

bool agree(const PrivateKey& key, Tools& tools) {
  if (key.type == KeyType::rsa || key.type == KeyType::rsa_pss) {
    return key.rsa && rsa_agrees(*key.rsa);
  }
  return (key.ec && ec_agrees(*key.ec, tools)) || pairwise_agrees(key.key.get());
}

}  // namespace

std::optional<std::string> key_weakness(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      if (bits < least_rsa_bits) {
        return bits_of("RSA", bits) + " is too weak, at least 2048 are needed";
      }
      if (bits > most_rsa_bits) return bits_of("RSA", bits) + " is too large, at most 16384 work";
      return std::nullopt;
    case EVP_PKEY_EC:
      if (bits < least_ec_bits) {
        return bits_of("EC", bits) + " is too weak, at least 224 are needed";
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<std::string> key_inconsistency(const PrivateKey& key, Tools& tools) {
  const bool agrees = agree(key, tools);
  ERR_clear_error();
  if (agrees) return std::nullopt;
  return "the private key is damaged (its private and public parts do not belong together)";
}

std::optional<std::string> signature_weakness(X509* x509) {
  int digest = NID_undef;
  int security_bits = 0;
  std::uint32_t flags = 0;
  X509_get_signature_info(x509, &digest, nullptr, &security_bits, &flags);
  switch (digest) {
    case NID_md2:
    case NID_md4:
    case NID_md5:
    case NID_mdc2:
    case NID_md5_sha1:
    case NID_sha1:
      return std::string("signed with ") + OBJ_nid2sn(digest) + ", which clients no longer accept";
    default:
      return std::nullopt;
  }
}

bool is_self_signed(X509* x509) noexcept {
  return (X509_get_extension_flags(x509) & EXFLAG_SS) != 0;
}

bool is_ca(X509* x509) noexcept { return (X509_get_extension_flags(x509) & EXFLAG_CA) != 0; }

std::vector<std::string> leaf_warnings(X509* leaf) {
  std::vector<std::string> warnings;
  if (is_ca(leaf)) warnings.emplace_back("a CA certificate is used as a server's own (CA:TRUE)");
  if ((X509_get_extended_key_usage(leaf) & (XKU_SSL_SERVER | XKU_ANYEKU)) == 0) {
    warnings.emplace_back(
        "the certificate is not made for TLS servers (no serverAuth in its extended key usage)");
  }
  if ((X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0) {
    warnings.emplace_back("the certificate's key usage lacks digitalSignature");
  }
  return warnings;
}

std::int64_t unix_time(const ASN1_TIME* time) noexcept {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    ERR_clear_error();
    return std::numeric_limits<std::int64_t>::min();
  }
  return timegm(&parts);
}

std::string date_text(std::int64_t unix_time) {
  const std::time_t seconds = unix_time;
  std::tm parts{};
  char text[40] = {};
  if (gmtime_r(&seconds, &parts) == nullptr) return "an unreadable date";
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

}  // namespace arbortls::cert
