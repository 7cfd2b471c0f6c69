#pragma once
// What reading keys and certificates takes and is dear to make. For one thread at a time.

#include "openssl/bare_library.hpp"
#include "openssl/key_decoder.hpp"

#include <openssl/ec.h>

#include <map>
#include <span>
#include <utility>

namespace arbortls::cert {

enum class KeyForm { pkcs8, type_specific };

class Tools {
 public:
  // Null unless `der` is exactly one such key: d2i_PrivateKey then says what is wrong with it, or
  // finds a form that is rare. `type` is a NID.
  openssl::EvpPkeyPtr decode_key(int type, KeyForm form, std::span<const unsigned char> der);

  // Null for a curve that OpenSSL does not know.
  const EC_GROUP* curve(int nid);

  // Where certificates are parsed without their public keys.
  const openssl::BareLibrary& bare_library() const noexcept { return bare_library_; }

 private:
  using Curve = openssl::Handle<EC_GROUP, EC_GROUP_free>;

  openssl::BareLibrary bare_library_;
  std::map<std::pair<int, KeyForm>, openssl::KeyDecoder> decoders_;
  std::map<int, Curve> curves_;
};

}  // namespace arbortls::cert
