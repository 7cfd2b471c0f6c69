#pragma once
// PROXY v1, the text form: internal to this module.

#include "proxy_protocol/header.hpp"

#include <string_view>

namespace arbortls::proxy_protocol {

inline constexpr std::size_t max_v1_size = 107;  // CR LF included

// `bytes` begin with a prefix of "PROXY ".
ParseResult parse_v1(std::string_view bytes) noexcept;

}  // namespace arbortls::proxy_protocol
