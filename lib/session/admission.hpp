#pragma once
// Admission decides who of the newcomers is let in, by the limits of the configuration: one for the daemon, asked by
// every handshake thread. Whoever is over a limit costs next to nothing and touches nobody else. It knows no socket.
//
// A limit of 0 is none. Limits are those of the snapshot that the newcomer began with; the counts outlive snapshots, so
// a reload applies to newcomers at once and ends nothing that is there. What was let in while nothing was limited is
// in no count of addresses or domains.

#include "log/every.hpp"
#include "log/logger.hpp"
#include "net/network.hpp"
#include "session/address_table.hpp"
#include "session/metrics.hpp"
#include "session/refusals.hpp"
#include "session/usage.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace arbortls::session {

struct AdmissionRules {
  std::int64_t handshakes = 0;  // in progress, in all
  AddressRules address;
  net::AddressSet exempt;  // whom `address` does not count
};

// What one handshake in progress occupies, given back when this goes. It must not outlive its Admission.
class HandshakePlace {
 public:
  HandshakePlace() = default;
  HandshakePlace(HandshakePlace&& other) noexcept;
  HandshakePlace& operator=(HandshakePlace&&) = delete;
  ~HandshakePlace();

 private:
  friend class Admission;
  metrics::Gauge* all_ = nullptr;
  AddressTable* table_ = nullptr;
  AddressTable::Key address_ = 0;
  Held domain_;
};

struct Refused {
  Refusal why;
  std::string_view client;
  std::string_view listener;
  std::string_view sni;     // "" where it is not known yet
  std::string_view holder;  // the domain or listener whose limit it is; "" for others
};

class Admission {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Admission(Metrics& metrics, log::Logger& logger);

  // The three steps, each as soon as what it asks is known. Nothing: let in, and `place` holds what it took.
  // At accept:
  std::optional<Refusal> enter(const AdmissionRules& rules, HandshakePlace& place) noexcept;
  // When the client's address is certain. Peers without an IP address are not limited by it.
  std::optional<Refusal> identify(const AdmissionRules& rules, const net::Address& client, TimePoint now,
                                  HandshakePlace& place) noexcept;
  // When its name has been read. `slot` holds the connection's place as long as it lasts.
  std::optional<Refusal> choose(const tls::Effective& settings, HandshakePlace& place, Slot& slot);

  // Counts a refusal, and logs one of each kind every ten seconds.
  void refused(const Refused& refused, TimePoint now);

  const UsageTable& usage() const noexcept { return usage_; }

 private:
  Metrics& metrics_;
  log::Logger& logger_;
  AddressTable addresses_;
  UsageTable usage_;
  std::array<log::Every, static_cast<std::size_t>(Refusal::count_)> lines_;
};

}  // namespace arbortls::session
