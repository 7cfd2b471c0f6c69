#pragma once
// A Handshake is one accepted connection until TLS is established: an optional PROXY header, then the TLS handshake,
// under one deadline counted from accept. It lives on a handshake worker's reactor; success makes a Connection on a
// relay worker. A client that sends nothing holds no TLS state. A client whose certificate is still to be read waits
// for it, asleep. One of a crowd begins when it is its turn, and one for whom nobody waits any more by then ends before
// anything is signed for it.

#include "base/unique_fd.hpp"
#include "net/endpoint.hpp"
#include "net/reactor.hpp"
#include "openssl/handles.hpp"
#include "session/admission.hpp"
#include "session/dial.hpp"
#include "session/facts.hpp"
#include "session/handshake_queue.hpp"
#include "session/metrics.hpp"
#include "session/registry.hpp"
#include "session/snapshot.hpp"
#include "tls/terminator.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace arbortls::session {

class HandshakeWorker;

class Handshake final : public Queued, public Registered {
 public:
  // `place`: as Admission::enter() has given it, and identify() too unless the peer is to send a PROXY header.
  Handshake(HandshakeWorker& worker, Slot slot, HandshakePlace place, UniqueFd client, const net::Address& peer,
            SnapshotPtr snapshot, std::size_t listener);

  void start();
  void on_io(unsigned tag, std::uint32_t events) override;
  void on_timeout() override;
  bool cut(EndReason reason) override;
  // Goes on if `snapshot` holds what is waited for. Returns whether it still waits, then for awaited().
  bool still_waits(const SnapshotPtr& snapshot);
  const std::string& awaited() const { return hello_.selection.awaited->name; }

 private:
  enum class State : std::uint8_t { proxy_header, client_hello, queued, handshaking, waiting };

  void read_proxy_header();
  void line_up();
  void begin(std::uint32_t events);
  void step();
  void wait_for_certificate();
  void choose_from(SnapshotPtr snapshot, std::size_t listener);
  void want(std::uint32_t events);
  void established();
  void validated();
  bool admit(const tls::Selection& selection);
  void turn_away(Refusal refusal);
  std::optional<tls::HandshakeFailure> why_in_vain(std::uint32_t events);
  void fail(tls::HandshakeFailure failure);
  void count_sni();
  void fill_facts(Facts& facts) const;
  std::unique_ptr<Dial> make_dial() const;

  HandshakeWorker& worker_;
  Slot slot_;
  HandshakePlace place_;
  UniqueFd client_;
  SnapshotPtr snapshot_;
  const ListenerRules* rules_ = nullptr;  // in *snapshot_
  net::Address source_;
  net::Address destination_;
  tls::Hello hello_;
  openssl::SslPtr ssl_;
  net::Clock::time_point accepted_;
  std::uint32_t events_ = 0;
  State state_ = State::client_hello;
  std::optional<Refusal> refusal_;
  bool over_ = false;
};

}  // namespace arbortls::session
