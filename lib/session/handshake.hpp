#pragma once
// A Handshake is one accepted connection until TLS is established: an optional PROXY header, then the TLS handshake,
// under one deadline counted from accept. It lives on a handshake worker's reactor; success makes a Connection on a
// relay worker. A client that sends nothing holds no TLS state.

#include "base/unique_fd.hpp"
#include "net/endpoint.hpp"
#include "net/reactor.hpp"
#include "openssl/handles.hpp"
#include "session/dial.hpp"
#include "session/facts.hpp"
#include "session/metrics.hpp"
#include "session/registry.hpp"
#include "session/snapshot.hpp"
#include "tls/terminator.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace arbortls::session {

class HandshakeWorker;

class Handshake final : public net::Handler, public Registered {
 public:
  Handshake(HandshakeWorker& worker, Slot slot, UniqueFd client, const net::Address& peer,
            SnapshotPtr snapshot, std::size_t listener);

  void start();
  void on_io(unsigned tag, std::uint32_t events) override;
  void on_timeout() override;
  bool cut(EndReason reason) override;

 private:
  enum class State : std::uint8_t { proxy_header, client_hello, handshaking };

  void read_proxy_header();
  void step();
  void established();
  void fail(tls::HandshakeFailure failure);
  void count_sni();
  void fill_facts(Facts& facts) const;
  std::unique_ptr<Dial> make_dial() const;

  HandshakeWorker& worker_;
  Slot slot_;
  UniqueFd client_;
  SnapshotPtr snapshot_;
  const ListenerRules& rules_;
  net::Address source_;
  net::Address destination_;
  tls::Hello hello_;
  openssl::SslPtr ssl_;
  net::Clock::time_point accepted_;
  std::uint32_t events_ = 0;
  State state_ = State::client_hello;
  bool over_ = false;
};

}  // namespace arbortls::session
