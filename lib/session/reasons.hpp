#pragma once
// Why a connection ended and how its SNI looked: fixed sets that the log and the metrics share.

#include <string_view>

namespace arbortls::session {

enum class EndReason {
  client_closed,
  backend_closed,
  client_reset,
  backend_reset,
  client_tls_error,
  idle_timeout,
  half_close_timeout,
  no_backend,           // none is configured for this name and listener
  backend_unavailable,  // every server was tried
  no_source_port,       // the machine ran out of ports to connect from
  drained,
  out_of_memory,
  count_
};

enum class SniKind { known, unknown, none, ip_literal, illegal, count_ };

std::string_view to_string(EndReason reason) noexcept;
std::string_view to_string(SniKind kind) noexcept;

}  // namespace arbortls::session
