#pragma once
// Making and certifying the keys of leaves.

#include "authority/authority.hpp"
#include "base/result.hpp"
#include "openssl/handles.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace arbortls::authority {

struct Issuer {
  X509* x509;
  EVP_PKEY* key;
};

// `names` are canonical and permitted; a client's may be empty.
struct Subject {
  Purpose purpose = Purpose::server;
  std::string common_name;
  std::vector<std::string> names;
};

struct LeafContent {
  Subject subject;
  EVP_PKEY* key = nullptr;  // its public part
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
};

// Null: see OpenSSL's errors.
openssl::EvpPkeyPtr make_leaf_key(LeafKey kind);

// Checked as a client that trusts the issuer would check it. Leaf::key_pem is left empty.
Result<Leaf> certify(const LeafContent& content, const Issuer& issuer, std::int64_t now);

}  // namespace arbortls::authority
