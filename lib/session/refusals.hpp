#pragma once
// Why a newcomer was refused although nothing was wrong with him: a limit's name, for the log and the metrics.

#include <string_view>

namespace arbortls::session {

enum class Refusal {
  handshakes,              // limits.handshakes
  handshakes_per_address,  // limits.handshakes_per_address
  connection_rate,         // limits.connections_per_second_per_address
  domain_handshakes,       // max_handshakes
  domain_connections,      // max_connections
  count_
};

std::string_view to_string(Refusal refusal) noexcept;

}  // namespace arbortls::session
