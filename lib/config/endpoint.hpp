#pragma once
// The written form of addresses: host:port, [v6]:port, unix:/path, systemd:NAME, networks. Looks
// nothing up.

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace arbortls::config {

enum class EndpointUse { listen, connect };  // listen: port 0 and systemd:NAME are allowed too

// The endpoint as it is to be used: a relative UNIX path is made absolute by `directory`.
Result<std::string> parse_endpoint(std::string_view text, EndpointUse use,
                                   const std::string& directory);

// An address or a network with a prefix length whose host bits are zero, or `unix`.
Result<std::string> parse_peer(std::string_view text);

bool is_ip_address(std::string_view text);

// `path` itself when absolute, else below `directory`. `..` stays: it may follow a symlink.
std::string absolute_path(std::string_view path, const std::string& directory);

}  // namespace arbortls::config
