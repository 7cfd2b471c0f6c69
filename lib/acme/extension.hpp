#pragma once
// X.509 extensions for what is made here.

#include <string>
#include <vector>

namespace arbortls::acme {

// The value of a subjectAltName as OpenSSL's configuration has it: "DNS:a.example,IP:192.0.2.1".
// "" if a name is neither a host name nor an address, which could end the value early.
std::string subject_alternative_names(const std::vector<std::string>& names);

}  // namespace arbortls::acme
