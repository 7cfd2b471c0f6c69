#pragma once
// PROXY v2, the binary form: internal to this module.

#include "proxy_protocol/header.hpp"

#include <string_view>

namespace arbortls::proxy_protocol {

// `bytes` begin with a prefix of the signature.
ParseResult parse_v2(std::string_view bytes) noexcept;

}  // namespace arbortls::proxy_protocol
