#pragma once
// A server on a port of its own and a thread, and a client that says raw bytes to it.

#include "http/server.hpp"
#include "net/endpoint.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace arbortls::http::test {

class IoThread {
 public:
  ~IoThread() {
    io.stop();
    thread_.join();
  }
  // Runs `f` there and waits for it.
  template <class F>
  void run(F f) {
    std::promise<void> done;
    boost::asio::post(io, [&] {
      f();
      done.set_value();
    });
    done.get_future().get();
  }

  boost::asio::io_context io{1};

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = boost::asio::make_work_guard(io);
  std::thread thread_{[this] { io.run(); }};
};

class Running {
 public:
  explicit Running(Handler handler, const ServerOptions& options = {}, std::size_t in_all = 100)
      : budget(std::make_shared<ConnectionBudget>(in_all)), counts(std::make_shared<ServerCounts>()) {
    auto socket = net::listen_on("127.0.0.1:0", 100);
    REQUIRE(socket.has_value());
    address = net::local_address(socket->get());
    thread.run([&] {
      server = std::make_unique<Server>(thread.io, std::move(*socket), std::move(handler), options, budget, counts);
    });
  }
  ~Running() {
    thread.run([&] { server.reset(); });
  }

  IoThread thread;
  net::Address address;
  std::shared_ptr<ConnectionBudget> budget;
  std::shared_ptr<ServerCounts> counts;
  std::unique_ptr<Server> server;
};

// Blocking; gives up after 10 s.
class RawClient {
 public:
  explicit RawClient(const net::Address& to) : fd_(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    REQUIRE(::connect(fd_.get(), to.raw(), to.length) == 0);
  }
  void say(const std::string& text) const { ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL); }
  void end() const { ::shutdown(fd_.get(), SHUT_WR); }

  // Until `mark` has come, or the end.
  std::string hear(const std::string& mark = "\r\n\r\n") const {
    std::string heard;
    std::array<char, 4096> some{};
    while (mark.empty() || heard.find(mark) == heard.npos) {
      const auto size = ::recv(fd_.get(), some.data(), some.size(), 0);
      if (size <= 0) break;
      heard.append(some.data(), static_cast<std::size_t>(size));
    }
    return heard;
  }
  std::string ask(const std::string& text) const {
    say(text);
    return hear();
  }
  std::string hear_all() const { return hear(""); }

 private:
  UniqueFd fd_;
};

}  // namespace arbortls::http::test
