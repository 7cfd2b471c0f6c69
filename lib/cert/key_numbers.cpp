#include "cert/key_numbers.hpp"

#include <array>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/params.h>

namespace arbortls::cert {
namespace {

using openssl::BnPtr;

constexpr std::size_t longest_number = 72;  // of the largest curves, sect571, in bytes
constexpr std::size_t longest_point = 1 + 2 * longest_number;

// Where OpenSSL writes one key's parameters to, all in one call.
struct EcParameters {
  std::array<char, 64> name{};
  std::array<char, 32> encoding{};
  std::array<unsigned char, longest_point> point{};
  std::array<unsigned char, longest_number> secret{};
  std::array<OSSL_PARAM, 5> list{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, encoding.data(),
                                       encoding.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_end()};

  EcParameters() = default;
  EcParameters(const EcParameters&) = delete;
  ~EcParameters() { OPENSSL_cleanse(secret.data(), secret.size()); }

  bool complete() const {
    return OSSL_PARAM_modified(&list[0]) == 1 && OSSL_PARAM_modified(&list[1]) == 1 &&
           OSSL_PARAM_modified(&list[2]) == 1 && OSSL_PARAM_modified(&list[3]) == 1;
  }
};

BnPtr number_in(const OSSL_PARAM& parameter) {
  BIGNUM* value = nullptr;
  if (OSSL_PARAM_modified(&parameter) == 1) OSSL_PARAM_get_BN(&parameter, &value);
  return BnPtr(value);
}

// OpenSSL gives it as long as the curve's order, in the machine's order of bytes.
Bytes big_endian(const OSSL_PARAM& number) {
  const BnPtr value = number_in(number);
  Bytes bytes(number.return_size);
  const int length = static_cast<int>(bytes.size());
  if (!value || BN_bn2binpad(value.get(), bytes.data(), length) != length) bytes.clear();
  return bytes;
}

class DerWriter {
 public:
  explicit DerWriter(std::size_t room) { bytes_.reserve(room); }

  void begin(int constructed, std::size_t size, int tag, int kind) {
    std::array<unsigned char, 16> header{};
    unsigned char* end = header.data();
    ASN1_put_object(&end, constructed, static_cast<int>(size), tag, kind);
    bytes_.insert(bytes_.end(), header.data(), end);
  }
  void add(const Bytes& bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

std::size_t size_of(std::size_t content, int tag) {
  return static_cast<std::size_t>(ASN1_object_size(0, static_cast<int>(content), tag));
}

template <class T, class Encode>
Bytes encoded(const T* value, Encode encode) {
  unsigned char* out = nullptr;
  const int length = value != nullptr ? encode(value, &out) : 0;
  if (length <= 0) return {};
  Bytes bytes(out, out + length);
  OPENSSL_free(out);
  return bytes;
}

Bytes integer(const BIGNUM* value) {
  using IntegerPtr = openssl::Handle<ASN1_INTEGER, ASN1_INTEGER_free>;
  const IntegerPtr number(BN_to_ASN1_INTEGER(value, nullptr));
  return encoded(number.get(), i2d_ASN1_INTEGER);
}

}  // namespace

std::optional<EcNumbers> ec_numbers(const EVP_PKEY* key) {
  EcParameters parameters;
  const bool given = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
                     EVP_PKEY_get_params(key, parameters.list.data()) == 1 && parameters.complete();
  ERR_clear_error();
  if (!given || std::string_view(parameters.encoding.data()) != OSSL_PKEY_EC_ENCODING_GROUP) {
    return std::nullopt;
  }
  const std::size_t length = parameters.list[2].return_size;
  EcNumbers numbers{OBJ_sn2nid(parameters.name.data()),
                    Bytes(parameters.point.data(), parameters.point.data() + length),
                    SecretBytes(big_endian(parameters.list[3]))};
  if (numbers.curve == NID_undef || numbers.secret.bytes().empty()) return std::nullopt;
  return numbers;
}

SecretBytes ec_private_key(const EcNumbers& numbers) {
  const Bytes version{V_ASN1_INTEGER, 1, 1};
  const Bytes& secret = numbers.secret.bytes();
  const Bytes curve = encoded(OBJ_nid2obj(numbers.curve), i2d_ASN1_OBJECT);
  const std::size_t point =
      1 + numbers.point.size();  // led by the number of bits that are not used
  const std::size_t bits = size_of(point, V_ASN1_BIT_STRING);
  const std::size_t content = version.size() + size_of(secret.size(), V_ASN1_OCTET_STRING) +
                              size_of(curve.size(), 0) + size_of(bits, 1);
  DerWriter out(size_of(content, V_ASN1_SEQUENCE));
  out.begin(1, content, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  out.add(version);
  out.begin(0, secret.size(), V_ASN1_OCTET_STRING, V_ASN1_UNIVERSAL);
  out.add(secret);
  out.begin(1, curve.size(), 0, V_ASN1_CONTEXT_SPECIFIC);
  out.add(curve);
  out.begin(1, bits, 1, V_ASN1_CONTEXT_SPECIFIC);
  out.begin(0, point, V_ASN1_BIT_STRING, V_ASN1_UNIVERSAL);
  out.add({0});
  out.add(numbers.point);
  return SecretBytes(out.take());
}

std::optional<RsaNumbers> rsa_numbers(const EVP_PKEY* key) {
  const int type = EVP_PKEY_get_base_id(key);
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_RSA_PSS) return std::nullopt;
  constexpr std::array names{OSSL_PKEY_PARAM_RSA_N,       OSSL_PKEY_PARAM_RSA_E,
                             OSSL_PKEY_PARAM_RSA_D,       OSSL_PKEY_PARAM_RSA_FACTOR1,
                             OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_FACTOR3};
  // A private exponent may be larger than it need be.
  const auto longest = 2 * static_cast<std::size_t>(EVP_PKEY_get_size(key));
  Bytes room(names.size() * longest);
  std::array<OSSL_PARAM, names.size() + 1> list{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    list[i] = OSSL_PARAM_construct_BN(names[i], room.data() + i * longest, longest);
  }
  list.back() = OSSL_PARAM_construct_end();
  const bool given = EVP_PKEY_get_params(key, list.data()) == 1;
  ERR_clear_error();
  RsaNumbers numbers{number_in(list[0]), number_in(list[1]), number_in(list[2]),
                     number_in(list[3]), number_in(list[4]), OSSL_PARAM_modified(&list[5]) == 1};
  OPENSSL_cleanse(room.data(), room.size());
  if (!given || !numbers.n || !numbers.e || !numbers.d) return std::nullopt;
  return numbers;
}

Bytes rsa_public_key(const RsaNumbers& numbers) {
  const Bytes modulus = integer(numbers.n.get());
  const Bytes exponent = integer(numbers.e.get());
  const std::size_t content = modulus.size() + exponent.size();
  DerWriter out(size_of(content, V_ASN1_SEQUENCE));
  out.begin(1, content, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  out.add(modulus);
  out.add(exponent);
  return out.take();
}

}  // namespace arbortls::cert
