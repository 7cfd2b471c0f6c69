#pragma once
// The certificate of a PEM text that is a server's own.

#include "base/result.hpp"
#include "cert/certificate.hpp"
#include "openssl/handles.hpp"

#include <string_view>

namespace arbortls::acme {

struct Leaf {
  openssl::X509Ptr x509;
  cert::Bytes der;
};

// The first that is no CA's, else the first.
Result<Leaf> leaf_of(std::string_view pem);

}  // namespace arbortls::acme
