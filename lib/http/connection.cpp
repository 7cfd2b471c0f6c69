#include "http/connection.hpp"

#include "http/forward.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <exception>
#include <utility>

namespace arbortls::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds longest_goodbye{1};
constexpr std::size_t most_unread = 64 * 1024;

Response plain(unsigned status, const char* text) { return {status, "text/plain", {}, std::string(text) + "\n"}; }

// What a client is told whose request cannot be read; nothing where it has gone.
std::optional<Response> complaint(boost::system::error_code code) {
  namespace http = beast::http;
  if (code == http::error::end_of_stream || code == http::error::partial_message) return {};
  if (code == http::error::header_limit || code == http::error::buffer_overflow) {
    return plain(431, "the headers are larger than 8 kB");
  }
  if (code == http::error::body_limit) return plain(413, "the body is larger than 16 kB");
  if (code.category() == make_error_code(http::error::bad_method).category()) {
    return plain(400, "this is not an HTTP/1.1 request");
  }
  return {};
}

}  // namespace

Connection::Connection(AnyStream::socket_type socket, std::string peer, std::shared_ptr<const Shared> shared)
    : stream_(std::move(socket)), peer_(std::move(peer)), shared_(std::move(shared)) {}

Connection::~Connection() { shared_->budget->give_back(); }

void Connection::close() { stream_.close(); }

asio::awaitable<void> Connection::run() {
  // Not `while (co_await ...)`: g++ 12 lays out the frame of that in a way that resuming it crashes.
  for (bool more = true; more;) more = co_await answer_one();
  co_await say_goodbye();
  close();
}

asio::awaitable<boost::system::error_code> Connection::read() {
  idle_ = buffer_.size() == 0;
  idle_since_ = Clock::now();
  stream_.expires_after(shared_->options.idle_timeout);
  if (idle_) {
    auto [code, size] = co_await stream_.async_read_some(buffer_.prepare(max_header), as_value);
    if (code) co_return code == asio::error::eof ? beast::http::error::end_of_stream : code;
    buffer_.commit(size);
    idle_ = false;
  }
  auto [code, size] = co_await beast::http::async_read(stream_, buffer_, *parser_, as_value);
  co_return code;
}

asio::awaitable<bool> Connection::answer_one() {
  parser_.emplace();
  parser_->header_limit(max_header);
  parser_->body_limit(max_body);
  const boost::system::error_code code = co_await read();
  if (code) {
    auto words = complaint(code);
    if (words || (code == beast::error::timeout && !idle_)) ++shared_->counts->malformed;
    if (!words) co_return false;
    co_return co_await write(std::move(*words), false, false);
  }
  BeastRequest message = parser_->release();
  const bool head = message.method() == beast::http::verb::head;
  const bool keep_alive =
      message.keep_alive() && !shared_->ending && ++answered_ < shared_->options.requests_per_connection;
  const auto request = received(std::move(message), peer_);
  if (!request) {
    ++shared_->counts->malformed;
    co_return co_await write(plain(400, "this is not a request for this server"), head, false);
  }
  ++shared_->counts->requests;
  Response response = co_await answer_to(*request);
  co_return co_await write(std::move(response), head, keep_alive);
}

asio::awaitable<Response> Connection::answer_to(const Request& request) {
  Answer answer = plain(500, "internal error");
  try {
    answer = shared_->handler(request);
  } catch (const std::exception&) {
    // The client is told by the answer above; there is nobody else to be told.
  }
  if (auto* response = std::get_if<Response>(&answer)) co_return std::move(*response);
  ++shared_->counts->forwarded;
  auto passed = co_await forward(stream_.get_executor(), std::get<Forward>(answer).address, request, shared_->options);
  if (passed) co_return std::move(*passed);
  ++shared_->counts->forward_failures;
  co_return plain(502, "the server behind does not answer");
}

asio::awaitable<bool> Connection::write(Response response, bool head, bool keep_alive) {
  const BeastResponse message = to_send(std::move(response), head, keep_alive);
  stream_.expires_after(shared_->options.write_timeout);
  auto [code, size] = co_await beast::http::async_write(stream_, message, as_value);
  co_return !code && keep_alive;
}

// A socket closed over unread bytes resets the connection, and with it what the client has not read yet.
asio::awaitable<void> Connection::say_goodbye() {
  boost::system::error_code failed;
  stream_.socket().shutdown(asio::socket_base::shutdown_send, failed);
  if (failed) co_return;
  stream_.expires_after(longest_goodbye);
  std::array<char, 4096> unread{};
  for (std::size_t total = 0; total < most_unread;) {
    auto [code, size] = co_await stream_.async_read_some(asio::buffer(unread), as_value);
    if (code) co_return;
    total += size;
  }
}

}  // namespace arbortls::http
