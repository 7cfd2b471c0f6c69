#pragma once
// What sessions count. One object for the daemon; any thread adds to it.

#include "metrics/counter.hpp"
#include "session/held.hpp"
#include "session/reasons.hpp"
#include "session/refusals.hpp"
#include "tls/failure.hpp"

#include <utility>

namespace arbortls::session {

struct Metrics {
  metrics::Counter connections_accepted;
  metrics::Counter accept_pauses;  // descriptors or connection slots ran out
  metrics::Counter handshakes_ok;
  metrics::Counter handshakes_resumed;
  metrics::Counter tls1_2;
  metrics::Counter tls1_3;
  metrics::Counter validations;  // of names, by a CA (tls-alpn-01); none of the handshakes above
  metrics::CounterOf<tls::HandshakeFailure> handshake_failures;
  metrics::CounterOf<SniKind> sni;
  metrics::CounterOf<EndReason> ended;
  metrics::Counter backend_connect_failures;  // one server of a connection; another may have served it
  metrics::Counter truncated_by_client;       // ended by FIN without close_notify
  metrics::Counter bytes_from_clients;        // of ended connections, plaintext
  metrics::Counter bytes_to_clients;
  metrics::CounterOf<Refusal> refused;
  metrics::Counter addresses_uncounted;  // let in though no place was left to count their address
  metrics::Gauge handshakes;  // in progress, from accept on
  metrics::Gauge active;  // accepted and not yet closed, handshakes included
};

// Holds one place in Metrics::active, and the one its domain counts if that is limited.
class Slot {
 public:
  explicit Slot(Metrics& metrics) noexcept : active_(&metrics.active) { active_->add(); }
  Slot(Slot&& other) noexcept : active_(std::exchange(other.active_, nullptr)), domain_(std::move(other.domain_)) {}
  Slot& operator=(Slot&&) = delete;
  Slot(const Slot&) = delete;
  ~Slot() {
    if (active_ != nullptr) active_->sub();
  }

  // In place of what it has held for a domain before.
  void hold(Held domain) noexcept { domain_ = std::move(domain); }

 private:
  metrics::Gauge* active_;
  Held domain_;
};

}  // namespace arbortls::session
