#include "admin/control_server.hpp"

#include "admin/control_session.hpp"
#include "admin/unix_listener.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <list>

namespace arbortls::admin {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::milliseconds accept_backoff{100};

}  // namespace

struct ControlServer::Impl : std::enable_shared_from_this<Impl> {
  using Sessions = std::list<std::shared_ptr<ControlSession>>;

  Impl(asio::io_context& io, UnixListener listening, Handler handle, ControlOptions bounds)
      : acceptor(io),
        pause(io),
        listener(std::move(listening)),
        handler(std::move(handle)),
        options(bounds) {}

  void accept();
  void accepted(boost::system::error_code code, LocalSocket socket);
  void serve(LocalSocket socket);
  bool make_room();
  void remove(const ControlSession* session);
  void stop();

  asio::local::stream_protocol::acceptor acceptor;
  asio::steady_timer pause;
  UnixListener listener;
  Handler handler;
  ControlOptions options;
  Sessions sessions;
  bool stopped = false;
};

void ControlServer::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](auto code, auto socket) {
    self->accepted(code, std::move(socket));
  });
}

void ControlServer::Impl::accepted(boost::system::error_code code, LocalSocket socket) {
  if (stopped) return;
  if (!code) {
    serve(std::move(socket));
    accept();
    return;
  }
  // Most likely out of descriptors: trying again at once would spin.
  pause.expires_after(accept_backoff);
  pause.async_wait([self = shared_from_this()](auto) {
    if (!self->stopped) self->accept();
  });
}

void ControlServer::Impl::serve(LocalSocket socket) {
  const bool room = make_room();
  auto session =
      std::make_shared<ControlSession>(std::move(socket), options.idle_timeout, handler,
                                       [self = weak_from_this()](const ControlSession* ended) {
                                         if (const auto server = self.lock()) server->remove(ended);
                                       });
  sessions.push_back(session);
  if (room) {
    session->read();
  } else {
    session->refuse({503, "text/plain", "too many connections\n"});
  }
}

bool ControlServer::Impl::make_room() {
  if (sessions.size() < options.max_connections) return true;
  Sessions::iterator oldest = sessions.end();
  for (auto it = sessions.begin(); it != sessions.end(); ++it) {
    if (!(*it)->waits_for_client()) continue;
    if (oldest == sessions.end() || (*it)->waits_since() < (*oldest)->waits_since()) oldest = it;
  }
  if (oldest == sessions.end()) return false;
  const auto session = *oldest;
  session->close();
  return true;
}

void ControlServer::Impl::remove(const ControlSession* session) {
  sessions.remove_if([session](const auto& each) { return each.get() == session; });
}

void ControlServer::Impl::stop() {
  stopped = true;
  pause.cancel();
  boost::system::error_code ignored;
  acceptor.close(ignored);
  for (const auto& session : std::exchange(sessions, {})) session->close();
  listener.unlink_if_ours();
  handler = nullptr;
}

Result<std::unique_ptr<ControlServer>> ControlServer::start(asio::io_context& io,
                                                            const std::string& path,
                                                            Handler handler,
                                                            ControlOptions options) {
  auto listener = UnixListener::open(path, 0660);
  if (!listener) return listener.error();
  auto impl = std::make_shared<Impl>(io, std::move(*listener), std::move(handler), options);
  boost::system::error_code code;
  UniqueFd fd(impl->listener.release());
  impl->acceptor.assign(asio::local::stream_protocol(), fd.get(), code);
  if (code) {
    impl->listener.unlink_if_ours();
    return error(path + ": cannot listen: " + code.message());
  }
  fd.release();
  impl->accept();
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

ControlServer::ControlServer(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

ControlServer::~ControlServer() { impl_->stop(); }

std::size_t ControlServer::connections() const noexcept { return impl_->sessions.size(); }

}  // namespace arbortls::admin
