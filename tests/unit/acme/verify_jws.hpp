#pragma once
// Reads signed requests as a CA does, by other code than the client's.

#include <boost/json.hpp>

#include <string>

namespace arbortls::acme::test {

struct Jws {
  boost::json::object header;  // the protected one
  std::string payload;
  std::string input, signature;  // raw

  bool is_signed_by(const std::string& jwk) const;
  bool is_coded_by(const std::string& hmac_key) const;  // by the header's alg
};

// Everything is empty where it is none.
Jws read_jws(const std::string& body);

std::string thumbprint_of(const std::string& jwk);

}  // namespace arbortls::acme::test
