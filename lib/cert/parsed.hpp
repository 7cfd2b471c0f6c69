#pragma once
// One certificate as OpenSSL reads it. Decoding a public key is nine tenths of parsing, so it is
// left out where it may turn out not to be needed.

#include "base/result.hpp"
#include "cert/certificate.hpp"
#include "cert/tools.hpp"
#include "openssl/handles.hpp"

#include <memory>

namespace arbortls::cert {

struct ParsedCertificate {
  openssl::X509Ptr x509;
  Der der;            // without the trust settings of a TRUSTED CERTIFICATE
  Digest sha256{};    // of `der`
  bool whole = true;  // its public key is decoded, if it can be
};

using ParsedPtr = std::shared_ptr<const ParsedCertificate>;

// With what OpenSSL has to say about it.
Error damaged_certificate();

// With its public key. An error is a reason without a place.
Result<ParsedPtr> parse_whole(Der der, const Digest& sha256);

// Without its public key unless something else hangs on it; all else, and every refusal, is as of
// parse_whole.
Result<ParsedPtr> parse_lightly(Der der, const Digest& sha256, const Tools& tools);

// Makes it whole in place.
Result<void> complete(ParsedPtr& certificate);

// `subject` was signed by `key`, as X509_verify understands it.
bool signed_by(const ParsedCertificate& subject, EVP_PKEY* key);

}  // namespace arbortls::cert
