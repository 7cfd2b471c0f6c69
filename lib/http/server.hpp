#pragma once
// A small HTTP/1.1 server in plain text (RFC 9112): redirects, challenge answers, a page. Everything is bounded:
// headers, bodies, time, requests a connection, connections a server and in all.

#include "base/unique_fd.hpp"
#include "http/message.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace boost::asio {
class io_context;
}

namespace arbortls::http {

// Instead of an answer: ask that server (`HOST:PORT` with an IP address for HOST, or `unix:/PATH`) and pass its
// answer on. The request is sent as it came, with `X-Forwarded-For`, `Connection: close`.
struct Forward {
  std::string address;
};
using Answer = std::variant<Response, Forward>;
using Handler = std::function<Answer(const Request&)>;

struct ServerOptions {
  std::size_t connections = 512;            // of this server
  std::size_t requests_per_connection = 100;
  std::chrono::milliseconds idle_timeout{10'000};     // from one answer to the next whole request
  std::chrono::milliseconds write_timeout{30'000};    // for one answer
  std::chrono::milliseconds forward_timeout{10'000};  // for the other server's whole answer
  std::size_t forward_limit = 64 * 1024;              // of its answer
};

inline constexpr std::size_t max_header = 8 * 1024;
inline constexpr std::size_t max_body = 16 * 1024;

// Counts the connections of all the servers that share it. Any thread.
class ConnectionBudget {
 public:
  explicit ConnectionBudget(std::size_t most) : most_(most) {}
  bool take() noexcept;
  void give_back() noexcept { --used_; }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> used_{0};
};

// What a server has seen; any thread may read it.
struct ServerCounts {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> refused{0};  // for want of room
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> malformed{0};  // no HTTP, too large, too slow
  std::atomic<std::uint64_t> forwarded{0};
  std::atomic<std::uint64_t> forward_failures{0};
};

// All of it is called on the thread that runs `io`, and so is the handler; an exception of the handler's is a 500.
class Server {
 public:
  // Listens on `socket`, a nonblocking listening TCP or UNIX socket, which it then owns.
  Server(boost::asio::io_context& io, UniqueFd socket, Handler handler, const ServerOptions& options,
         std::shared_ptr<ConnectionBudget> budget, std::shared_ptr<ServerCounts> counts);
  ~Server();  // stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // For requests from now on.
  void set_handler(Handler handler);
  // Accepts no more; connections end at once when idle, else after their answer.
  void stop_accepting();
  // Closes everything.
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace arbortls::http
