#pragma once
// The order of a chain, found by issuer and signature.

#include "cert/parsed.hpp"

#include <cstdint>
#include <vector>

namespace arbortls::cert {

struct Chain {
  std::vector<std::size_t>
      members;  // indices of the certificates, from the leaf's issuer upwards; no self-signed root
  std::vector<std::size_t> used;  // members and the root
  bool has_root = false;
};

// Of several ways up, one is taken on which everything is valid at `now`, if there is one. Of several
// certificates that could have issued the next one, one that is valid is tried first, then one that
// itself has an issuer, then the one that ends last.
Chain chain_of(const std::vector<ParsedPtr>& certificates, std::size_t leaf, std::int64_t now);

// By name, key identifier and signature.
bool issued(const ParsedCertificate& issuer, const ParsedCertificate& subject);

bool is_valid_at(const ParsedCertificate& certificate, std::int64_t now);

}  // namespace arbortls::cert
