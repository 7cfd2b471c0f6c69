#pragma once
// Addresses of the web that can be asked (RFC 3986): `http` and `https` with a host.

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace arbortls::http {

struct Url {
  bool secure = false;
  std::string host;    // without brackets
  std::string port;    // never ""
  std::string target;  // path and query, starts with `/`; without the fragment

  // As the Host header has it: brackets where needed, the port only where it is not the scheme's.
  std::string authority() const;
};

// Errors say what is wrong, without the text itself. Users and passwords in it are refused.
Result<Url> parse_url(std::string_view text);

}  // namespace arbortls::http
