#pragma once
// Any readable keys and certificates written anew as PEM, DER or PKCS#12, for `arbortls cert convert`.

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace arbortls::cert {

enum class Encoding { pem, der, pkcs12 };
enum class Part { all, key, certificate, chain, fullchain };  // fullchain: certificate and chain

struct Conversion {
  Encoding to = Encoding::pem;
  Part part = Part::all;
  std::string passphrase;      // of what is read; "" for none
  std::string out_passphrase;  // of the key that is written; "" leaves it open
  std::int64_t now = 0;        // Unix seconds
};

// Keys with their certificates are checked as loading checks them, and put in order. `file` is where
// the bytes stand, for advice. The caller wipes what it gets.
Result<std::string> convert(std::string_view bytes, std::string_view file,
                            const Conversion& conversion);

}  // namespace arbortls::cert
