#include "http/server.hpp"

#include "http/connection.hpp"
#include "net/address.hpp"
#include "net/endpoint.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <list>
#include <utility>

namespace arbortls::http {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds accept_backoff{100};
constexpr int accepts_in_a_row = 16;

}  // namespace

bool ConnectionBudget::take() noexcept {
  if (used_.fetch_add(1) < most_) return true;
  --used_;
  return false;
}

struct Server::Impl : std::enable_shared_from_this<Impl> {
  using Connections = std::list<std::shared_ptr<Connection>>;

  Impl(asio::io_context& context, UniqueFd listening, Shared settings)
      : io(context), socket(io, listening.release()), pause(io), shared(std::make_shared<Shared>(std::move(settings))) {}

  void wait();
  void accept();
  bool take(UniqueFd& fd);
  bool make_room();
  void serve(UniqueFd fd);
  void stop_accepting();
  void stop();

  asio::io_context& io;
  asio::posix::stream_descriptor socket;
  asio::steady_timer pause;
  std::shared_ptr<Shared> shared;
  Connections connections;
  bool stopped = false;
};

void Server::Impl::wait() {
  socket.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](const boost::system::error_code& failed) {
                      if (!failed && !self->stopped) self->accept();
                    });
}

void Server::Impl::accept() {
  for (int i = 0; i < accepts_in_a_row; ++i) {
    UniqueFd fd(::accept4(socket.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
      // The socket stays readable: waiting for it again at once would spin.
      pause.expires_after(accept_backoff);
      pause.async_wait([self = shared_from_this()](const boost::system::error_code& failed) {
        if (!failed && !self->stopped) self->wait();
      });
      return;
    }
    if (!fd) break;
    ++shared->counts->connections;
    if (!take(fd)) ++shared->counts->refused;  // before it is closed, so that who sees that sees this
  }
  wait();
}

bool Server::Impl::take(UniqueFd& fd) {
  try {
    if (connections.size() >= shared->options.connections && !make_room()) return false;
    if (!shared->budget->take()) {
      // Whoever idles makes room; the newcomer takes the place when he comes again.
      make_room();
      return false;
    }
    serve(std::move(fd));
    return true;
  } catch (const std::exception&) {
    return false;  // no memory for it
  }
}

// Closes the connection that has idled longest.
bool Server::Impl::make_room() {
  const auto rank = [](const auto& connection) { return std::pair(!connection->idle(), connection->idle_since()); };
  const auto oldest = std::min_element(connections.begin(), connections.end(),
                                       [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  if (oldest == connections.end() || !(*oldest)->idle()) return false;
  (*oldest)->close();
  return true;
}

void Server::Impl::serve(UniqueFd fd) {
  const net::Address peer = net::peer_address(fd.get());
  AnyStream::socket_type stream(io);
  boost::system::error_code failed;
  stream.assign(asio::generic::stream_protocol(peer.family() == AF_UNSPEC ? AF_UNIX : peer.family(), 0), fd.get(),
                failed);
  if (failed) return shared->budget->give_back();
  fd.release();
  auto connection = std::make_shared<Connection>(std::move(stream), peer.ip_text(), shared);
  const auto place = connections.insert(connections.end(), connection);
  asio::co_spawn(
      io, [connection] { return connection->run(); },
      [self = shared_from_this(), place](const std::exception_ptr&) { self->connections.erase(place); });
}

void Server::Impl::stop_accepting() {
  stopped = true;
  shared->ending = true;
  boost::system::error_code ignored;
  socket.close(ignored);
  pause.cancel();
  for (const auto& connection : connections) {
    if (connection->idle()) connection->close();
  }
}

void Server::Impl::stop() {
  stop_accepting();
  for (const auto& connection : connections) connection->close();
}

Server::Server(asio::io_context& io, UniqueFd socket, Handler handler, const ServerOptions& options,
               std::shared_ptr<ConnectionBudget> budget, std::shared_ptr<ServerCounts> counts)
    : impl_(std::make_shared<Impl>(
          io, std::move(socket), Shared{std::move(handler), options, std::move(budget), std::move(counts)})) {
  impl_->wait();
}

Server::~Server() { impl_->stop(); }

void Server::set_handler(Handler handler) { impl_->shared->handler = std::move(handler); }
void Server::stop_accepting() { impl_->stop_accepting(); }
void Server::stop() { impl_->stop(); }

}  // namespace arbortls::http
