#pragma once
// A Connection is one client after its handshake: it waits for the first bytes, connects to a backend server, relays
// both ways until both have ended, and closes in order. It lives on one relay worker's reactor.
//
// States: waiting (no backend yet) -> connecting -> relaying -> closing (client told, its last bytes drained).
// Memory while idle: this object, the SSL object and the facts for the log; buffers exist only while a peer is slow,
// and then at most a worker's scratch buffer in each direction, since reading stops until it is written.
// Every ending goes through finish().

#include "base/unique_fd.hpp"
#include "net/reactor.hpp"
#include "openssl/handles.hpp"
#include "session/dial.hpp"
#include "session/facts.hpp"
#include "session/metrics.hpp"
#include "session/registry.hpp"
#include "session/relay_worker.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace arbortls::session {

struct Limits {
  std::chrono::milliseconds idle;
  std::chrono::milliseconds half_close;  // silence allowed once one side has ended
};

class Connection final : public net::Handler, public Registered {
 public:
  // `dial` is null when no backend is configured.
  Connection(RelayWorker& worker, Slot slot, UniqueFd client, openssl::SslPtr ssl,
             std::unique_ptr<Dial> dial, std::unique_ptr<Facts> facts, Limits limits);
  ~Connection() override;

  void on_adopted() override;
  void on_io(unsigned tag, std::uint32_t events) override;
  void on_timeout() override;
  bool cut(EndReason reason) override;

 private:
  enum Side : unsigned { client_side = 0, backend_side = 1 };
  enum class State : std::uint8_t { waiting, connecting, relaying, closing };
  enum class Got : std::uint8_t { bytes, nothing, end, failure };
  enum class Said : std::uint8_t { all, later, never };
  struct Read {
    Got got;
    std::size_t size;
  };
  struct Gathered {
    std::size_t size;
    Read last;  // what ended it
  };

  // connection.cpp: life
  void finish(EndReason reason);
  void close_in_order();
  bool drain_client();
  void want(Side side, std::uint32_t events);
  std::chrono::milliseconds silence_allowed() const;
  void arm_timer();
  void leave_server();
  void forget_backend();
  void touch() { last_activity_ = worker_.reactor().now(); }
  bool half_closed() const { return client_ended_ || backend_ended_; }
  EndReason first_to_end() const;

  // connection_dial.cpp: until a server has answered
  void on_client_while_waiting();
  void connect_next();
  Said say_opening();
  void on_connect_result();
  void begin_relay();

  // connection_relay.cpp: bytes
  void on_relay(unsigned tag, std::uint32_t events);
  Read read_client(std::size_t at = 0);  // into the scratch buffer from there
  Gathered gather_from_client();
  void pump_up();    // client to backend
  void pump_down();  // backend to client
  void client_said_end();
  void backend_said_end();
  bool send_up(const char* data, std::size_t size);
  bool send_down(const char* data, std::size_t size);
  bool flush_up();
  bool flush_down();
  void end_up();
  void end_down();
  void give_up_on_backend();
  bool reads_client() const { return !client_ended_ && !up_ && !up_broken_; }
  void want_reads();

  RelayWorker& worker_;
  Slot slot_;
  UniqueFd client_;
  UniqueFd backend_;
  openssl::SslPtr ssl_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Facts> facts_;
  backend::ServerPtr server_;
  std::unique_ptr<std::string> up_;    // not yet taken by the backend
  std::unique_ptr<std::string> down_;  // not yet taken by the client
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  net::Clock::time_point last_activity_;
  Limits limits_;
  std::uint32_t client_events_ = 0;
  std::uint32_t backend_events_ = 0;
  State state_ = State::waiting;
  bool client_ended_ = false;   // no more bytes will come from there
  bool backend_ended_ = false;
  bool client_was_first_ = false;
  bool up_broken_ = false;  // the backend takes nothing more; what it said is still owed to the client
  bool notify_pending_ = false;  // close_notify waits for room
  bool notify_sent_ = false;
  bool bulk_ = false;  // the client fills its records
  bool finished_ = false;
};

}  // namespace arbortls::session
