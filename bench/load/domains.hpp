#pragma once
// A certificate of its own for each of many domains, as an operator with as many tenants has them.

#include "base/result.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>

namespace arbortls::bench {

struct DomainOptions {
  std::string directory;  // exists
  std::string issuer;     // file with the issuing CA's key and certificate
  std::string suffix = "bench.example";
  std::size_t first = 0;
  std::size_t count = 1000;
  int days = 360;
};

// Writes dNNNNNN.SUFFIX.pem (its own P-256 key, certificate, issuer), mode 0600. {count}.
Result<boost::json::object> make_domains(const DomainOptions& options);

}  // namespace arbortls::bench
