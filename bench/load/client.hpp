#pragma once
// One TLS connection as a client sees it, driven by an EventLoop.

#include "load/event_loop.hpp"
#include "load/target.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::bench {

class Client;

enum class End {
  clean,   // the server's close_notify or FIN, after ours
  early,   // the server ended first
  reset,   // a TCP reset after we had ended
  failed,  // anything else; Client::why() says what
};

// What a mode of the load generator hears of its connections.
class ClientEvents {
 public:
  virtual void on_open(Client& client) = 0;
  virtual void on_data(Client& client, std::string_view data) = 0;
  // Everything handed to send() has left.
  virtual void on_drained(Client&) {}
  // Called once for each open(), at the very end: the client may be opened again from here.
  virtual void on_end(Client& client, End end) = 0;

 protected:
  ~ClientEvents() = default;
};

class Client final : public Handler {
 public:
  // The arguments must outlive the client. `index` tells clients apart.
  Client(EventLoop& loop, const Target& target, ClientEvents& events, std::size_t index) noexcept
      : loop_(loop), target_(target), events_(&events), index_(index) {}

  // Connects and begins the handshake; offers `session` unless it is null.
  Result<void> open(SSL_SESSION* session = nullptr);

  // The same for one of a crowd, in two steps. Each phone has a processor of its own, while these
  // share one: so the ClientHello is computed beforehand and leaves as soon as TCP stands, and the
  // server's answers are worked off one after the other, each when nothing else is to be done.
  Result<void> prepare(SSL_SESSION* session);
  Result<void> open_prepared();

  // Sends all of `data`, now or as the socket takes it. Only after on_open.
  void send(std::string_view data);

  // Nothing handed to send() is waiting any more.
  bool drained() const noexcept { return pending_.empty(); }

  // Drops the connection with a TCP reset, as when the network is gone; on_end is not called.
  void cut();

  // The session to resume, with the newest ticket.
  SslSessionPtr session() const { return SslSessionPtr(SSL_get1_session(ssl_.get())); }

  // Says goodbye (close_notify, FIN) and waits for the server's own end.
  void finish();

  void report_to(ClientEvents& events) noexcept { events_ = &events; }
  std::size_t index() const noexcept { return index_; }
  bool resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }
  const std::string& why() const noexcept { return why_; }
  const SSL& tls() const noexcept { return *ssl_; }
  TimePoint opened_at() const noexcept { return opened_at_; }

  void on_ready(std::uint32_t events) override;
  void on_idle() override;

 private:
  enum class Stage { closed, hello, answer, handshake, open, finishing };

  Result<void> connect();
  void say_hello();
  void wait_in_line();
  void go_on();

  bool shake_hands();  // these two: false once the connection has ended
  bool read_all();
  bool stop(int result);
  bool flush();
  bool end(End how);

  EventLoop& loop_;
  const Target& target_;
  ClientEvents* events_;
  std::size_t index_;
  UniqueFd fd_;
  openssl::SslPtr ssl_;
  Stage stage_ = Stage::closed;
  bool in_line_ = false;
  std::string pending_;  // a prepared ClientHello, then what was handed to send()
  std::string why_;
  TimePoint opened_at_;
};

using Clients = std::vector<std::unique_ptr<Client>>;

}  // namespace arbortls::bench
