#include "http/client.hpp"

#include "http/client_tls.hpp"
#include "http/exchange.hpp"
#include "http/url.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace arbortls::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_answer_header = 32 * 1024;

// One request on its way. The answer is given once, by whoever is first: the coroutine or the timer.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& io, ClientRequest request, std::function<void(ClientResult)> done)
      : request_(std::move(request)), done_(std::move(done)), resolver_(io), socket_(io), timer_(io) {}

  asio::awaitable<void> run();
  void start_timer();
  void fail(ClientFailure failure, const std::string& why);

 private:
  asio::awaitable<bool> connect();
  asio::awaitable<void> over_tls();
  template <class Stream>
  asio::awaitable<void> exchange(Stream& stream);
  BeastRequest message() const;
  void answered(boost::system::error_code code, BeastResponse answer);
  void finish(ClientResult result);
  void close();

  ClientRequest request_;
  std::function<void(ClientResult)> done_;
  Url url_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer timer_;
};

void Exchange::finish(ClientResult result) {
  const auto done = std::exchange(done_, nullptr);
  timer_.cancel();
  close();
  if (done) done(std::move(result));
}

void Exchange::fail(ClientFailure failure, const std::string& why) {
  finish(ClientError{failure, (url_.host.empty() ? "" : url_.authority() + ": ") + why});
}

void Exchange::close() {
  boost::system::error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
}

void Exchange::start_timer() {
  timer_.expires_after(request_.timeout);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    const auto seconds = std::chrono::duration<double>(self->request_.timeout).count();
    self->fail(ClientFailure::timeout, "no answer within " + std::to_string(static_cast<int>(seconds)) + " s");
  });
}

asio::awaitable<void> Exchange::run() {
  auto url = parse_url(request_.url);
  if (!url) co_return fail(ClientFailure::url, url.error().message);
  url_ = std::move(*url);
  if (!co_await connect()) co_return;
  if (url_.secure) co_return co_await over_tls();
  co_await exchange(socket_);
}

asio::awaitable<bool> Exchange::connect() {
  auto [unresolved, endpoints] = co_await resolver_.async_resolve(url_.host, url_.port, as_value);
  if (unresolved || !done_) {
    fail(ClientFailure::resolve, "its name is not known: " + unresolved.message());
    co_return false;
  }
  boost::system::error_code code = asio::error::host_not_found;
  for (const auto& entry : endpoints) {
    boost::system::error_code ignored;
    socket_.close(ignored);
    if (!done_) co_return false;
    std::tie(code) = co_await socket_.async_connect(entry.endpoint(), as_value);
    if (!code) co_return true;
  }
  fail(ClientFailure::connect, "cannot connect: " + code.message());
  co_return false;
}

asio::awaitable<void> Exchange::over_tls() {
  const auto context = client_context(request_.ca_file, request_.trust.get());
  if (!context) co_return fail(ClientFailure::tls, context.error().message);
  asio::ssl::stream<tcp::socket&> stream(socket_, **context);
  if (!expect_server(stream.native_handle(), url_.host)) {
    co_return fail(ClientFailure::tls, "its name cannot be verified");
  }
  auto [code] = co_await stream.async_handshake(asio::ssl::stream_base::client, as_value);
  if (code) co_return fail(ClientFailure::tls, why_no_handshake(stream.native_handle(), code.message()));
  co_await exchange(stream);
}

BeastRequest Exchange::message() const {
  BeastRequest message;
  message.version(11);
  message.method_string(request_.method);
  message.target(url_.target);
  message.set(beast::http::field::host, url_.authority());
  for (const auto& [name, value] : request_.headers) message.set(name, value);
  message.keep_alive(false);
  message.body() = request_.body;
  message.prepare_payload();
  return message;
}

template <class Stream>
asio::awaitable<void> Exchange::exchange(Stream& stream) {
  const BeastRequest asked = message();
  const auto written = co_await beast::http::async_write(stream, asked, as_value);
  if (std::get<0>(written)) {
    co_return fail(ClientFailure::protocol, "the connection ended: " + std::get<0>(written).message());
  }
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.header_limit(max_answer_header);
  parser.body_limit(request_.response_limit);
  parser.skip(request_.method == "HEAD");
  const auto read = co_await beast::http::async_read(stream, buffer, parser, as_value);
  answered(std::get<0>(read), parser.release());
}

void Exchange::answered(boost::system::error_code code, BeastResponse answer) {
  namespace http = beast::http;
  if (!code) return finish(passed_on(std::move(answer)));
  if (code == http::error::body_limit || code == http::error::header_limit || code == http::error::buffer_overflow) {
    return fail(ClientFailure::too_large,
                "its answer is larger than " + std::to_string(request_.response_limit) + " bytes");
  }
  const bool early = code == http::error::end_of_stream || code == http::error::partial_message ||
                     code == asio::ssl::error::stream_truncated || code == asio::error::connection_reset;
  fail(ClientFailure::protocol, early ? "the connection ended before the answer did" : "its answer: " + code.message());
}

}  // namespace

std::string_view to_string(ClientFailure failure) noexcept {
  switch (failure) {
    case ClientFailure::url: return "url";
    case ClientFailure::resolve: return "resolve";
    case ClientFailure::connect: return "connect";
    case ClientFailure::tls: return "tls";
    case ClientFailure::protocol: return "protocol";
    case ClientFailure::too_large: return "too_large";
    case ClientFailure::timeout: break;
  }
  return "timeout";
}

void send(asio::io_context& io, ClientRequest request, std::function<void(ClientResult)> done) {
  const auto exchange = std::make_shared<Exchange>(io, std::move(request), std::move(done));
  asio::post(io, [&io, exchange] {
    exchange->start_timer();
    asio::co_spawn(
        io, [exchange] { return exchange->run(); },
        [exchange](const std::exception_ptr& thrown) {
          if (thrown) exchange->fail(ClientFailure::protocol, "there was no memory for the answer");
        });
  });
}

}  // namespace arbortls::http
