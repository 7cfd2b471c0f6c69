#include "session/refusals.hpp"

namespace arbortls::session {

std::string_view to_string(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::handshakes: return "handshakes";
    case Refusal::handshakes_per_address: return "handshakes_per_address";
    case Refusal::connection_rate: return "connection_rate";
    case Refusal::domain_handshakes: return "domain_handshakes";
    case Refusal::domain_connections:
    case Refusal::count_: break;
  }
  return "domain_connections";
}

}  // namespace arbortls::session
