#pragma once
// A CA's directory (RFC 8555, 7.1.1; RFC 9773, 4.1; profiles as draft-ietf-acme-profiles has them).

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::acme {

struct Directory {
  std::string new_nonce, new_account, new_order;
  std::string revoke_cert{}, renewal_info{};  // "" where the CA has none
  std::string terms{};                        // URL
  std::vector<std::string> profiles{};
  bool needs_external_account = false;
};

Result<Directory> parse_directory(std::string_view json);

}  // namespace arbortls::acme
