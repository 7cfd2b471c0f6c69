#pragma once
// One HTTP/1.1 request at a time, over TLS or plain. The server is verified by name (RFC 9525), TLS 1.2 at least.

#include "http/message.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace arbortls::http {

// Whom clients trust, kept between requests: to read the system's CAs takes longer than the rest of a request. One
// thread. What is an hour old, or of a file that has changed, is read again.
class Trust {
 public:
  Trust();
  ~Trust();
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;

  struct Contexts;
  Contexts& contexts() noexcept { return *contexts_; }

 private:
  std::unique_ptr<Contexts> contexts_;
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // http://HOST[:PORT]/... or https://
  Headers headers;  // others than Host, Content-Length, Connection
  std::string body;
  std::string ca_file;  // PEM certificates to be trusted besides the system's; "": none
  std::shared_ptr<Trust> trust;  // shared by the requests of a thread; null: read for this one
  std::chrono::milliseconds timeout{30'000};  // for all of it
  std::size_t response_limit = 1024 * 1024;   // of the answer's body
};

enum class ClientFailure {
  url,        // not one that can be asked
  resolve,    // its host has no address
  connect,    // nobody answers there
  tls,        // no TLS with it, or it is not who it should be
  protocol,   // what it answers is not HTTP, or ends too early
  too_large,  // the answer is
  timeout,
};
std::string_view to_string(ClientFailure failure) noexcept;

struct ClientError {
  ClientFailure failure = ClientFailure::url;
  std::string message;  // a sentence with the host in it, and why
};
// Called by ClientResult::value() on an error; only tests use value().
[[noreturn]] inline void throw_exception_from_error(const ClientError& e, const boost::source_location&) {
  throw std::runtime_error(e.message);
}
using ClientResult = boost::system::result<Response, ClientError>;  // any status is a Response

// `done` is called once, on the thread that runs `io`, never from within send(). Redirects are not followed.
// Headers of the answer are all in Response::headers, Content-Type too. Destroying `io` drops what is under way.
void send(boost::asio::io_context& io, ClientRequest request, std::function<void(ClientResult)> done);

}  // namespace arbortls::http
