#include "http/forward.hpp"

#include "http/connection.hpp"
#include "http/exchange.hpp"
#include "net/endpoint.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <cerrno>
#include <utility>

namespace arbortls::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_answer_header = 16 * 1024;

// A socket on which connecting has begun; nothing where it has failed at once.
std::optional<AnyStream::socket_type> begin_connect(const asio::any_io_executor& executor, const std::string& address) {
  const auto addresses = net::Address::resolve(address);  // an IP address: nothing is looked up
  if (!addresses || addresses->empty()) return {};
  net::ConnectStart started = net::start_connect(addresses->front(), nullptr);
  if (!started.fd || (started.error != 0 && started.error != EINPROGRESS)) return {};
  const asio::generic::stream_protocol protocol(addresses->front().family(), 0);
  AnyStream::socket_type socket(executor);
  boost::system::error_code failed;
  socket.assign(protocol, started.fd.get(), failed);
  if (failed) return {};
  started.fd.release();
  return socket;
}

}  // namespace

asio::awaitable<std::optional<Response>> forward(asio::any_io_executor executor, std::string address,
                                                 const Request& request, const ServerOptions& options) {
  auto socket = begin_connect(executor, address);
  if (!socket) co_return std::nullopt;
  AnyStream stream(std::move(*socket));
  stream.expires_after(options.forward_timeout);
  const BeastRequest message = to_forward(request);
  // The first write waits for the connection.
  const auto written = co_await beast::http::async_write(stream, message, as_value);
  if (std::get<0>(written)) co_return std::nullopt;
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.header_limit(max_answer_header);
  parser.body_limit(options.forward_limit);
  parser.skip(request.method == "HEAD");
  const auto read = co_await beast::http::async_read(stream, buffer, parser, as_value);
  if (std::get<0>(read)) co_return std::nullopt;
  co_return passed_on(parser.release());
}

}  // namespace arbortls::http
