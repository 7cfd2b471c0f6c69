#include "cert/pkcs12_read.hpp"

#include "cert/kdf_rounds.hpp"
#include "cert/key_read.hpp"
#include "openssl/legacy_library.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <optional>
#include <utility>
#include <vector>

namespace arbortls::cert {
namespace {

constexpr int deepest_bag = 4;

struct FreeSafes {
  void operator()(STACK_OF(PKCS7) * all) const noexcept { sk_PKCS7_pop_free(all, PKCS7_free); }
};
struct FreeBags {
  void operator()(STACK_OF(PKCS12_SAFEBAG) * all) const noexcept {
    sk_PKCS12_SAFEBAG_pop_free(all, PKCS12_SAFEBAG_free);
  }
};
using Safes = std::unique_ptr<STACK_OF(PKCS7), FreeSafes>;
using Bags = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeBags>;

// No passphrase and an empty one are two different things here, and files of both kinds are made.
struct Passphrase {
  const char* text;
  int length;
};

std::vector<Passphrase> candidates(const std::string& given) {
  std::vector<Passphrase> all;
  if (!given.empty()) all.push_back({given.data(), static_cast<int>(given.size())});
  all.push_back({"", 0});
  all.push_back({nullptr, 0});
  return all;
}

bool is_old(int encryption) {
  switch (encryption) {
    case NID_pbe_WithSHA1And128BitRC4:
    case NID_pbe_WithSHA1And40BitRC4:
    case NID_pbe_WithSHA1And3_Key_TripleDES_CBC:
    case NID_pbe_WithSHA1And2_Key_TripleDES_CBC:
    case NID_pbe_WithSHA1And128BitRC2_CBC:
    case NID_pbe_WithSHA1And40BitRC2_CBC:
      return true;
    default:
      return false;
  }
}

Error too_many_rounds() {
  return error("the PKCS#12's encryption asks for too many rounds");
}

const char* const wrong_passphrase = "wrong passphrase";

class Reader {
 public:
  // `rounds` is what is left of the rounds that may be computed for the whole file.
  Reader(Material& material, Passphrase passphrase, long& rounds, Desk& desk)
      : material_(material), passphrase_(passphrase), rounds_(rounds), desk_(desk) {}

  Result<void> read(const PKCS12* pkcs12) {
    const Safes safes(PKCS12_unpack_authsafes(pkcs12));
    if (!safes) return damaged();
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
      if (auto added = add_safe(sk_PKCS7_value(safes.get(), i)); !added) return added;
    }
    if (!old_.empty()) {
      material_.warnings.push_back(
          "the PKCS#12 is encrypted with " + old_ +
          ", which is old and weak; `arbortls cert convert IN --to p12 --out OUT "
          "--passphrase-file FILE --out-passphrase-file FILE` writes it anew");
    }
    return {};
  }

 private:
  static Error damaged() {
    ERR_clear_error();
    return error("the PKCS#12 is damaged");
  }

  Result<void> add_safe(PKCS7* safe) {
    if (PKCS7_type_is_data(safe)) {
      const Bags bags(PKCS12_unpack_p7data(safe));
      return bags ? add_bags(bags.get(), 0) : damaged();
    }
    if (!PKCS7_type_is_encrypted(safe)) {
      return error("the PKCS#12 is locked with a public key; only passphrases open one here");
    }
    const PKCS7_ENC_CONTENT* content = safe->d.encrypted->enc_data;
    auto opened = opened_by<STACK_OF(PKCS12_SAFEBAG)>(
        content->algorithm, [&](OSSL_LIB_CTX* library) {
          return static_cast<STACK_OF(PKCS12_SAFEBAG)*>(PKCS12_item_decrypt_d2i_ex(
              content->algorithm, ASN1_ITEM_rptr(PKCS12_SAFEBAGS), passphrase_.text,
              passphrase_.length, content->enc_data, 1, library, nullptr));
        });
    if (!opened) return opened.error();
    const Bags bags(*opened);
    return add_bags(bags.get(), 0);
  }

  Result<void> add_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, int depth) {
    if (depth > deepest_bag) return error("the PKCS#12 is nested too deeply");
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
      if (auto added = add_bag(sk_PKCS12_SAFEBAG_value(bags, i), depth); !added) return added;
    }
    return {};
  }

  Result<void> add_bag(const PKCS12_SAFEBAG* bag, int depth) {
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_keyBag:
        return add_plain_key(PKCS12_SAFEBAG_get0_p8inf(bag));
      case NID_pkcs8ShroudedKeyBag:
        return add_locked_key(PKCS12_SAFEBAG_get0_pkcs8(bag));
      case NID_certBag:
        return add_certificate_of(bag);
      case NID_safeContentsBag:
        return add_bags(PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
      default:
        return {};
    }
  }

  Result<void> add_plain_key(const PKCS8_PRIV_KEY_INFO* info) {
    unsigned char* out = nullptr;
    const int length = i2d_PKCS8_PRIV_KEY_INFO(info, &out);
    if (length <= 0) return damaged();
    Bytes der(out, out + length);
    OPENSSL_clear_free(out, static_cast<std::size_t>(length));
    auto key = read_key_der(der, desk_.tools());
    OPENSSL_cleanse(der.data(), der.size());
    if (!key) return key.error();
    return add_key(material_, std::move(*key));
  }

  Result<void> add_locked_key(const X509_SIG* locked) {
    const X509_ALGOR* algorithm = nullptr;
    X509_SIG_get0(locked, &algorithm, nullptr);
    auto opened = opened_by<PKCS8_PRIV_KEY_INFO>(algorithm, [&](OSSL_LIB_CTX* library) {
      return PKCS8_decrypt_ex(locked, passphrase_.text, passphrase_.length, library, nullptr);
    });
    if (!opened) return opened.error();
    const openssl::Pkcs8Ptr info(*opened);
    return add_plain_key(info.get());
  }

  Result<void> add_certificate_of(const PKCS12_SAFEBAG* bag) {
    if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) return {};
    const openssl::X509Ptr x509(PKCS12_SAFEBAG_get1_cert(bag));
    if (!x509) return damaged_certificate();
    return add_x509(material_, x509.get(), desk_);
  }

  // What `open` makes with the process's own library, else with the legacy one.
  template <class T, class Open>
  Result<T*> opened_by(const X509_ALGOR* algorithm, Open open) {
    rounds_ -= kdf_rounds(algorithm);
    if (rounds_ < 0) return too_many_rounds();
    const int encryption = OBJ_obj2nid(algorithm->algorithm);
    T* opened = open(nullptr);
    if (opened == nullptr && is_old(encryption)) {
      if (!legacy_) legacy_.emplace();
      if (legacy_->get() == nullptr) {
        ERR_clear_error();
        return error(std::string("the PKCS#12 is encrypted with ") + OBJ_nid2sn(encryption) +
                     ", which needs OpenSSL's legacy provider, and that is not installed; "
                     "convert the file where it was made, or install the provider");
      }
      opened = open(legacy_->get());
    }
    ERR_clear_error();
    if (opened == nullptr) return error(wrong_passphrase);
    if (is_old(encryption)) old_ = OBJ_nid2sn(encryption);
    return opened;
  }

  Material& material_;
  Passphrase passphrase_;
  long& rounds_;
  Desk& desk_;
  std::optional<openssl::LegacyLibrary> legacy_;
  std::string old_;  // name of an old encryption that was met
};

long mac_rounds(const PKCS12* pkcs12) {
  const ASN1_INTEGER* rounds = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &rounds, pkcs12);
  return rounds != nullptr ? rounds_in(rounds) : 0;
}

bool verifies(const PKCS12* pkcs12, Passphrase passphrase) {
  const bool good = PKCS12_mac_present(pkcs12) != 1 ||
                    PKCS12_verify_mac(const_cast<PKCS12*>(pkcs12), passphrase.text,
                                      passphrase.length) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace

openssl::Pkcs12Ptr parse_pkcs12(std::string_view bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = at + bytes.size();
  openssl::Pkcs12Ptr parsed(d2i_PKCS12(nullptr, &at, static_cast<long>(bytes.size())));
  ERR_clear_error();
  return parsed && at == end ? std::move(parsed) : nullptr;
}

Result<void> add_pkcs12(Material& material, const PKCS12* pkcs12, const std::string& passphrase,
                        Desk& desk) {
  Error refusal = error(wrong_passphrase);
  long rounds = max_kdf_rounds;
  for (const Passphrase& candidate : candidates(passphrase)) {
    rounds -= mac_rounds(pkcs12);
    if (rounds < 0) return too_many_rounds();
    if (!verifies(pkcs12, candidate)) continue;
    Material read;
    const auto done = Reader(read, candidate, rounds, desk).read(pkcs12);
    if (done) return add_all(material, std::move(read));
    if (refusal.message == wrong_passphrase) refusal = done.error();
  }
  if (passphrase.empty() && refusal.message == wrong_passphrase)
    return error("the PKCS#12 is encrypted and no passphrase is given");
  return refusal;
}

}  // namespace arbortls::cert
