#pragma once
// A HandshakeWorker is one thread of the lane that accepts and shakes hands. It runs at lower priority than the
// relay lane, so that a crowd of newcomers cannot delay established connections.

#include "base/unique_fd.hpp"
#include "log/logger.hpp"
#include "net/reactor.hpp"
#include "session/admission.hpp"
#include "session/handshake_queue.hpp"
#include "session/metrics.hpp"
#include "session/registry.hpp"
#include "session/relay_worker.hpp"
#include "session/snapshot.hpp"
#include "session/wanted.hpp"
#include "tls/terminator.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

namespace arbortls::session {

struct HandshakeLane {
  Metrics& metrics;
  log::Logger& logger;
  std::vector<RelayWorker*> relays;
  std::int64_t max_connections;  // accepting pauses at this many
  std::size_t context_cache_bytes;
  tls::ValidationCertificates validations;  // may be empty
  Wanted& wanted;
  Admission& admission;
};

// A listening socket with its index in Snapshot::site.listeners. The descriptor is shared by all workers.
struct OpenListener {
  std::shared_ptr<const UniqueFd> socket;
  std::size_t index;
};

class Handshake;

class HandshakeWorker {
 public:
  static Result<std::unique_ptr<HandshakeWorker>> make(const HandshakeLane& lane);
  ~HandshakeWorker();

  net::Reactor& reactor() noexcept { return reactor_; }
  Metrics& metrics() noexcept { return lane_.metrics; }
  log::Logger& logger() noexcept { return lane_.logger; }
  Registry& registry() noexcept { return registry_; }
  tls::Terminator& terminator() noexcept { return *terminator_; }
  Admission& admission() noexcept { return lane_.admission; }
  const HandshakeLane& lane() const noexcept { return lane_; }
  const SnapshotPtr& snapshot() const noexcept { return snapshot_; }
  HandshakeQueue& queue() noexcept { return queue_; }
  RelayWorker& least_loaded_relay() noexcept;
  // Leaves the processor to a relay that has been woken and does not get one. To be called between
  // handshakes: the kernel may let a running thread use up its slice, which is many handshakes long.
  void give_way() const noexcept;

  // The worker's own thread:
  void publish(SnapshotPtr snapshot, std::vector<OpenListener> listeners);
  void publish(SnapshotPtr snapshot);
  void set_ticket_keys(std::shared_ptr<const tls::TicketKeys> keys);
  void stop_accepting();  // for good; who waits in the kernel's queue is taken first
  // `handshake` is asked with every snapshot until it no longer waits, first with the newest there is.
  void wait_for_certificate(Handshake& handshake);
  void stop_waiting(Handshake& handshake) { waiting_.erase(&handshake); }
  // More newcomers wait than are served: said by whoever sees it, true for a while after.
  void fell_behind() { behind_until_ = reactor_.now() + std::chrono::seconds(1); }
  bool behind() const { return reactor_.now() < behind_until_; }

 private:
  class Acceptor;
  explicit HandshakeWorker(const HandshakeLane& lane) : lane_(lane) {}

  HandshakeLane lane_;
  net::Reactor reactor_;
  HandshakeQueue& queue_ = reactor_.own(std::make_unique<HandshakeQueue>(reactor_));
  Registry registry_;
  SnapshotPtr snapshot_;
  net::Clock::time_point behind_until_ = reactor_.now();
  std::unique_ptr<tls::Terminator> terminator_;
  std::vector<Acceptor*> acceptors_;          // owned by the reactor
  std::unordered_set<Handshake*> waiting_;    // for a certificate; owned by the reactor
};

}  // namespace arbortls::session
