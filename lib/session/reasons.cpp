#include "session/reasons.hpp"

namespace arbortls::session {

std::string_view to_string(EndReason reason) noexcept {
  switch (reason) {
    case EndReason::client_closed: return "client_closed";
    case EndReason::backend_closed: return "backend_closed";
    case EndReason::client_reset: return "client_reset";
    case EndReason::backend_reset: return "backend_reset";
    case EndReason::client_tls_error: return "client_tls_error";
    case EndReason::idle_timeout: return "idle_timeout";
    case EndReason::half_close_timeout: return "half_close_timeout";
    case EndReason::no_backend: return "no_backend";
    case EndReason::backend_unavailable: return "backend_unavailable";
    case EndReason::no_source_port: return "no_source_port";
    case EndReason::drained: return "drained";
    case EndReason::out_of_memory:
    case EndReason::count_: break;
  }
  return "out_of_memory";
}

std::string_view to_string(SniKind kind) noexcept {
  switch (kind) {
    case SniKind::known: return "known";
    case SniKind::unknown: return "unknown";
    case SniKind::none: return "none";
    case SniKind::ip_literal: return "ip_literal";
    case SniKind::illegal:
    case SniKind::count_: break;
  }
  return "illegal";
}

}  // namespace arbortls::session
