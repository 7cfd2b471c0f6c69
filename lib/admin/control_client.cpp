#include "admin/control_client.hpp"

#include "base/unique_fd.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace arbortls::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Local = asio::local::stream_protocol;

// A tree of 100,000 domains in JSON is some tens of megabytes.
constexpr std::uint64_t answer_limit = 256u << 20;

ClientError connect_error(const std::string& path, int code) {
  const std::string reason = std::strerror(code);
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return {ClientFailure::not_running, "not running: there is no socket " + path};
    case ECONNREFUSED:
      return {ClientFailure::not_running, "not running: nobody answers on " + path};
    case EACCES:
    case EPERM:
      return {ClientFailure::forbidden, path + ": " + reason};
    case EAGAIN:
      return {ClientFailure::timed_out, path + ": no answer in time"};
    default:
      return {ClientFailure::broken, path + ": " + reason};
  }
}

boost::system::result<UniqueFd, ClientError> connect_to(const std::string& path,
                                                        std::chrono::milliseconds timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return ClientError{ClientFailure::not_running, "not running: " + path + " cannot be a socket"};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return connect_error(path, errno);
  // A full backlog blocks a UNIX connect; this option bounds it.
  const timeval limit{timeout.count() / 1000, (timeout.count() % 1000) * 1000};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return connect_error(path, errno);
  return fd;
}

ClientError transfer_error(const std::string& path, const boost::system::error_code& code) {
  if (code == beast::error::timeout)
    return {ClientFailure::timed_out, path + ": no answer in time"};
  return {ClientFailure::broken, path + ": the answer is broken: " + code.message()};
}

http::request<http::string_body> make_message(const std::string& method, const std::string& target,
                                              const std::string& body) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(method);
  message.target(target);
  message.set(http::field::host, "localhost");
  message.keep_alive(false);
  message.body() = body;
  message.prepare_payload();
  return message;
}

}  // namespace

boost::system::result<Response, ClientError> request(const std::string& socket_path,
                                                     const std::string& method,
                                                     const std::string& target,
                                                     const std::string& body,
                                                     std::chrono::milliseconds timeout) {
  auto fd = connect_to(socket_path, timeout);
  if (!fd) return fd.error();
  asio::io_context io(1);
  beast::basic_stream<Local> stream(io);
  boost::system::error_code code;
  stream.socket().assign(Local(), fd->get(), code);
  if (code) return transfer_error(socket_path, code);
  fd->release();

  auto message = make_message(method, target, body);
  http::response_parser<http::string_body> parser;
  parser.body_limit(answer_limit);
  beast::flat_buffer buffer;
  stream.expires_after(timeout);
  // A server may refuse before it has read all, so the answer is read even if writing failed.
  http::async_write(stream, message, [&](boost::system::error_code written, std::size_t) {
    if (written == beast::error::timeout) {
      code = written;
      return;
    }
    http::async_read(stream, buffer, parser,
                     [&](boost::system::error_code read, std::size_t) { code = read; });
  });
  io.run();
  if (code) return transfer_error(socket_path, code);
  auto answer = parser.release();
  const auto type = answer[http::field::content_type];
  return Response{answer.result_int(), std::string(type.data(), type.size()),
                  std::move(answer.body())};
}

}  // namespace arbortls::admin
