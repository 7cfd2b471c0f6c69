#include "admin/control_session.hpp"

#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <new>
#include <optional>

namespace arbortls::admin {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::uint32_t header_limit = 8 * 1024;
constexpr std::uint64_t body_limit = 64 * 1024;

// Answers for a handler that has dropped its Reply.
class ReplyOnce {
 public:
  explicit ReplyOnce(std::weak_ptr<ControlSession> session) : session_(std::move(session)) {}
  ReplyOnce(const ReplyOnce&) = delete;
  ReplyOnce& operator=(const ReplyOnce&) = delete;
  ~ReplyOnce() {
    if (session_.expired()) return;  // answered, or gone
    try {
      say({500, "text/plain", "no answer was given\n"});
    } catch (const std::bad_alloc&) {
      return;  // no memory for an answer: the client waits until its connection is closed for silence
    }
  }

  void say(Response response) {
    const auto session = std::exchange(session_, {}).lock();
    if (session) session->answer(std::move(response));
  }

 private:
  std::weak_ptr<ControlSession> session_;
};

std::optional<Response> complaint_about(const boost::system::error_code& code) {
  if (code == http::error::header_limit || code == http::error::buffer_overflow)
    return Response{431, "text/plain", "the header is too large\n"};
  if (code == http::error::body_limit)
    return Response{413, "text/plain", "the body is larger than 64 kB\n"};
  if (code == http::error::end_of_stream || code == http::error::partial_message)
    return std::nullopt;
  if (code.category() == make_error_code(http::error::bad_method).category())
    return Response{400, "text/plain", "this is not an HTTP/1.1 request\n"};
  return std::nullopt;
}

}  // namespace

struct ControlSession::Http {
  explicit Http(LocalSocket socket) : stream(std::move(socket)) {}

  beast::basic_stream<boost::asio::local::stream_protocol> stream;
  beast::flat_buffer buffer{header_limit + body_limit};
  std::optional<http::request_parser<http::string_body>> parser;
  std::optional<http::response<http::string_body>> response;
  bool head = false;
  bool keep_alive = false;
  bool closed = false;
  bool reading = false;
  Clock::time_point since;
};

ControlSession::ControlSession(LocalSocket socket, std::chrono::milliseconds idle_timeout,
                               Handler handler, Ended ended)
    : http_(std::make_unique<Http>(std::move(socket))),
      idle_timeout_(idle_timeout),
      handler_(std::move(handler)),
      ended_(std::move(ended)) {}

ControlSession::~ControlSession() = default;

bool ControlSession::waits_for_client() const noexcept { return http_->reading; }
ControlSession::Clock::time_point ControlSession::waits_since() const noexcept {
  return http_->since;
}

void ControlSession::read() {
  http_->parser.emplace();
  http_->parser->header_limit(header_limit);
  http_->parser->body_limit(body_limit);
  http_->reading = true;
  http_->since = Clock::now();
  http_->stream.expires_after(idle_timeout_);
  http::async_read(http_->stream, http_->buffer, *http_->parser,
                   [self = shared_from_this()](boost::system::error_code code, std::size_t) {
                     self->http_->reading = false;
                     if (self->http_->closed) return;
                     if (!code) return self->received();
                     auto complaint = complaint_about(code);
                     if (complaint) return self->refuse(std::move(*complaint));
                     self->close();
                   });
}

void ControlSession::received() {
  auto message = http_->parser->release();
  http_->head = message.method() == http::verb::head;
  http_->keep_alive = message.keep_alive();
  auto target = parse_target({message.target().data(), message.target().size()});
  if (!target) return refuse({400, "text/plain", target.error().message + "\n"});
  const auto method = message.method_string();
  Request request{http_->head ? "GET" : std::string(method.data(), method.size()),
                  std::move(target->path), std::move(target->query), std::move(message.body())};
  const auto once = std::make_shared<ReplyOnce>(weak_from_this());
  try {
    handler_(std::move(request), [once](Response response) { once->say(std::move(response)); });
  } catch (const std::exception&) {
    once->say({500, "text/plain", "internal error\n"});
  }
}

void ControlSession::refuse(Response response) { write(std::move(response), false); }

void ControlSession::answer(Response response) { write(std::move(response), http_->keep_alive); }

void ControlSession::write(Response response, bool keep_alive) {
  if (http_->closed) return;
  auto& message = http_->response.emplace(static_cast<http::status>(response.status), 11);
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-store");
  message.keep_alive(keep_alive);
  http_->keep_alive = keep_alive;
  message.content_length(response.body.size());
  if (!http_->head) message.body() = std::move(response.body);
  http_->stream.expires_after(idle_timeout_);
  http::async_write(http_->stream, message,
                    [self = shared_from_this()](boost::system::error_code code, std::size_t) {
                      if (self->http_->closed) return;
                      if (code || !self->http_->keep_alive) return self->close();
                      self->http_->response.reset();
                      self->read();
                    });
}

void ControlSession::close() {
  if (std::exchange(http_->closed, true)) return;
  boost::system::error_code ignored;
  http_->stream.socket().shutdown(LocalSocket::shutdown_both, ignored);
  http_->stream.close();
  const auto ended = std::exchange(ended_, nullptr);
  if (ended) ended(this);
}

}  // namespace arbortls::admin
