#pragma once
// One relay worker with its thread, clients that speak TLS to it over TCP, and backends in the test's own hands.

#include "base/unique_fd.hpp"
#include "net/endpoint.hpp"
#include "session/connection.hpp"
#include "unit/tls/minted.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/time.h>

#include <catch2/catch.hpp>
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace arbortls::test {

using namespace std::chrono_literals;

inline void block(int fd, bool blocking) {
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

inline void reset_connection(UniqueFd& fd) {
  const linger hard{1, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  fd.reset();
}

inline UniqueFd accept_from(int listener) {
  pollfd ready{listener, POLLIN, 0};
  REQUIRE(::poll(&ready, 1, 10'000) == 1);
  UniqueFd fd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(fd);
  block(fd.get(), true);
  return fd;
}

inline UniqueFd connect_to(int listener) {
  const net::Address address = net::local_address(listener);
  UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(fd.get(), address.raw(), address.length) == 0);
  block(fd.get(), true);
  return fd;
}

inline UniqueFd listener() {
  auto made = net::listen_on("127.0.0.1:0", 64);
  REQUIRE(made.has_value());
  return std::move(*made);
}

// For what a second thread does: Catch 2's own assertions belong to one.
inline void must(bool good, const char* doing) {
  if (!good) throw std::runtime_error(std::string(doing) + " failed");
}

inline void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    must(n > 0, "sending");
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

// As many bytes, or fewer when the peer ends or nothing comes for ten seconds.
inline std::string receive(int fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t used = 0;
  while (used < size) {
    const auto n = ::recv(fd, text.data() + used, size - used, 0);
    if (n <= 0) break;
    used += static_cast<std::size_t>(n);
  }
  text.resize(used);
  return text;
}

inline bool at_end(int fd) {
  char byte = 0;
  return ::recv(fd, &byte, 1, 0) == 0;
}

inline std::string noise(std::size_t size, unsigned seed = 1) {
  std::string text(size, '\0');
  std::uint64_t state = seed;
  for (std::size_t at = 0; at < size; at += sizeof state) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    std::memcpy(text.data() + at, &state, std::min(sizeof state, size - at));
  }
  return text;
}

enum class End { notify_and_fin, notify_only, truncated, reset, silence };

class Client {
 public:
  Client(UniqueFd fd, const ClientWish& wish) : fd_(std::move(fd)), ssl_(make_client(wish, fd_.get())) {
    SSL_set_app_data(ssl_.get(), &sessions_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  SSL* ssl() const { return ssl_.get(); }
  int fd() const { return fd_.get(); }
  bool shake() const { return SSL_do_handshake(ssl()) == 1; }
  // The handshake's first flight, and no wait for what comes back.
  void say_hello() const {
    block(fd(), false);
    shake();
    block(fd(), true);
  }

  void say(std::string_view text) const {
    while (!text.empty()) {
      const int n = SSL_write(ssl(), text.data(), static_cast<int>(text.size()));
      must(n > 0, "writing TLS");
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  std::string hear(std::size_t size) const {
    std::string text(size, '\0');
    std::size_t used = 0;
    while (used < size) {
      const int n = SSL_read(ssl(), text.data() + used, static_cast<int>(size - used));
      if (n <= 0) break;
      used += static_cast<std::size_t>(n);
    }
    text.resize(used);
    return text;
  }
  End hear_end() const {
    ERR_clear_error();
    char byte = 0;
    errno = 0;
    const int n = SSL_read(ssl(), &byte, 1);
    const int problem = SSL_get_error(ssl(), n);
    ERR_clear_error();
    if (n > 0 || problem == SSL_ERROR_WANT_READ) return End::silence;
    if (problem == SSL_ERROR_SSL) return End::truncated;
    if (problem != SSL_ERROR_ZERO_RETURN) return errno == EAGAIN ? End::silence : End::reset;
    return at_end(fd()) ? End::notify_and_fin : End::notify_only;
  }
  void notify() const { SSL_shutdown(ssl()); }
  void end_without_notify() const { ::shutdown(fd(), SHUT_WR); }
  void reset() { reset_connection(fd_); }
  void close() { fd_.reset(); }

 private:
  UniqueFd fd_;
  std::vector<SessionPtr> sessions_;
  openssl::SslPtr ssl_;
};

template <class Enum>
std::uint64_t sum_of(const metrics::CounterOf<Enum>& counters) {
  std::uint64_t sum = 0;
  for (int i = 0; i < static_cast<int>(Enum::count_); ++i) sum += counters[static_cast<Enum>(i)].value();
  return sum;
}

inline std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

inline std::shared_ptr<backend::Server> server_at(const UniqueFd& listening) {
  const net::Address address = net::local_address(listening.get());
  return std::make_shared<backend::Server>(address.to_string(), address);
}

// A port on which nobody listens.
inline std::shared_ptr<backend::Server> server_nowhere() { return server_at(listener()); }

struct Setup {
  std::vector<backend::ServerPtr> servers{};
  std::string opening{};
  bool early = false;
  session::Limits limits{1h, 60s};
  int version = TLS1_3_VERSION;
  bool no_backend = false;
  int buffers = 0;  // bytes of socket buffers towards the client
};

class Rig {
 public:
  Rig() : null_(::open("/dev/null", O_WRONLY | O_CLOEXEC)), logger_(null_.get()), worker_(metrics, logger_) {
    terminator_ = std::move(*tls::Terminator::make(1 << 20, [] { return test_now; }));
    auto site = std::make_shared<tls::Site>(SiteMaker("m.example").site(real("certdir.example"), nullptr));
    site_ = site;
    loop_ = std::thread([this] { worker_.reactor().run(); });
  }
  ~Rig() {
    worker_.reactor().stop();
    loop_.join();
  }

  // An established connection.
  std::unique_ptr<Client> connect(const Setup& setup) {
    const UniqueFd listening = listener();
    UniqueFd near = connect_to(listening.get());
    UniqueFd far = accept_from(listening.get());
    if (setup.buffers != 0) {
      ::setsockopt(near.get(), SOL_SOCKET, SO_RCVBUF, &setup.buffers, sizeof setup.buffers);
      ::setsockopt(far.get(), SOL_SOCKET, SO_SNDBUF, &setup.buffers, sizeof setup.buffers);
    }
    block(near.get(), false);
    block(far.get(), false);
    ClientWish wish;
    wish.version = setup.version;
    auto client = std::make_unique<Client>(std::move(near), wish);
    tls::Hello hello;
    hello.site = site_;
    hello.listener = &site_->listeners[0];
    auto ssl = terminator_->accept_on(far.get(), hello);
    for (int done = 0; done != 2;) {
      pollfd both[2] = {{client->fd(), POLLIN, 0}, {far.get(), POLLIN, 0}};
      done = (client->shake() ? 1 : 0) + (SSL_do_handshake(ssl.get()) == 1 ? 1 : 0);
      if (done != 2) REQUIRE(::poll(both, 2, 10'000) > 0);
    }
    tls::Terminator::release(ssl.get());
    block(client->fd(), true);
    hand_over(setup, std::move(far), std::move(ssl));
    return client;
  }

  // Waits until the loop has done all that is due now.
  void sync() {
    for (int i = 0; i < 2; ++i) {
      std::promise<void> done;
      worker_.reactor().post([&] { done.set_value(); });
      done.get_future().wait();
    }
  }
  bool settled() {
    const auto deadline = net::Clock::now() + 10s;
    // Both, since a connection that goes gives back one after the other.
    const auto gone = [&] { return worker_.load.load() == 0 && metrics.active.value() == 0; };
    while (!gone() && net::Clock::now() < deadline) {
      sync();
      ::poll(nullptr, 0, 1);
    }
    return gone();
  }
  std::size_t cut_all(session::EndReason reason) {
    std::promise<std::size_t> count;
    worker_.reactor().post([&] { count.set_value(worker_.registry().cut_all(reason)); });
    return count.get_future().get();
  }
  std::uint64_t ended(session::EndReason reason) const { return metrics.ended[reason].value(); }
  std::uint64_t ended_in_all() const { return sum_of(metrics.ended); }

  session::Metrics metrics;

 private:
  void hand_over(const Setup& setup, UniqueFd fd, openssl::SslPtr ssl) {
    std::unique_ptr<session::Dial> dial;
    if (!setup.no_backend) {
      backend::PoolOptions options;
      options.balance = backend::Balance::round_robin;
      options.connect_early = setup.early;
      auto pool = std::make_shared<const backend::Pool>(std::move(options), setup.servers);
      dial = std::make_unique<session::Dial>(std::move(pool), 1, setup.opening, metrics.backend_connect_failures);
    }
    worker_.reactor().adopt(std::make_unique<session::Connection>(
        worker_, session::Slot(metrics), std::move(fd), std::move(ssl), std::move(dial),
        std::make_unique<session::Facts>(), setup.limits));
  }

  UniqueFd null_;
  log::Logger logger_;
  session::RelayWorker worker_;
  std::unique_ptr<tls::Terminator> terminator_;
  std::shared_ptr<const tls::Site> site_;
  std::thread loop_;
};

}  // namespace arbortls::test
