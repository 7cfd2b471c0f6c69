#pragma once
// One client's connection, from its first request to its end, as a coroutine of the server's.

#include "http/exchange.hpp"
#include "http/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace arbortls::http {

using AnyStream = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;

// What connections need of their server; it outlives them.
struct Shared {
  Handler handler;
  ServerOptions options;
  std::shared_ptr<ConnectionBudget> budget;
  std::shared_ptr<ServerCounts> counts;
  bool ending = false;  // each answer is its connection's last
};

class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  // The place in the budget has been taken; it is given back at the end.
  Connection(AnyStream::socket_type socket, std::string peer, std::shared_ptr<const Shared> shared);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Ends when the connection does. Errors of the connection's end it without a word.
  boost::asio::awaitable<void> run();
  void close();

  // Nothing of a request has come since.
  bool idle() const noexcept { return idle_; }
  Clock::time_point idle_since() const noexcept { return idle_since_; }

 private:
  boost::asio::awaitable<bool> answer_one();  // whether another may follow
  boost::asio::awaitable<boost::system::error_code> read();
  boost::asio::awaitable<Response> answer_to(const Request& request);
  boost::asio::awaitable<bool> write(Response response, bool head, bool keep_alive);
  boost::asio::awaitable<void> say_goodbye();

  AnyStream stream_;
  std::string peer_;
  std::shared_ptr<const Shared> shared_;
  boost::beast::flat_buffer buffer_{max_header + max_body};
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::size_t answered_ = 0;
  bool idle_ = true;
  Clock::time_point idle_since_ = Clock::now();
};

}  // namespace arbortls::http
