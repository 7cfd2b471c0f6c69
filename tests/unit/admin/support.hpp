#pragma once
// A control server on a thread of its own, in a directory of its own.

#include "admin/control_client.hpp"
#include "admin/control_server.hpp"
#include "base/unique_fd.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <string>
#include <thread>

namespace admin_test {

using namespace std::chrono_literals;
namespace admin = arbortls::admin;

class Directory {
 public:
  Directory() {
    std::string pattern = "/tmp/arbortls_admin_XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::string operator/(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

class Running {
 public:
  explicit Running(admin::Handler handler, admin::ControlOptions options = {})
      : Running("control.sock", std::move(handler), options) {}
  Running(const std::string& name, admin::Handler handler, admin::ControlOptions options = {})
      : socket(directory / name), guard_(io.get_executor()) {
    auto started = admin::ControlServer::start(io, socket, std::move(handler), options);
    if (!started) throw std::runtime_error(started.error().message);
    server_ = std::move(*started);
    thread_ = std::thread([this] { io.run(); });
  }
  ~Running() { stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  template <class F>
  auto on_thread(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto result = task.get_future();
    boost::asio::post(io, [&task] { task(); });
    return result.get();
  }

  void stop() {
    if (!thread_.joinable()) return;
    on_thread([this] { server_.reset(); });
    guard_.reset();
    thread_.join();
  }

  std::size_t connections() {
    return on_thread([this] { return server_->connections(); });
  }
  // On the server's thread only.
  void destroy_server() { server_.reset(); }

  auto ask(const std::string& method, const std::string& target,
           const std::string& body = "") const {
    return admin::request(socket, method, target, body, 10s);
  }

  Directory directory;
  boost::asio::io_context io{1};
  std::string socket;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  std::unique_ptr<admin::ControlServer> server_;
  std::thread thread_;
};

// A client that may say anything.
class RawClient {
 public:
  explicit RawClient(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error(std::strerror(errno));
    const timeval limit{10, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  void send(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void finish() { ::shutdown(fd_.get(), SHUT_WR); }

  // Until `ending` has come, or the end of the stream, or silence for 10 s ("(silence)").
  std::string read_until(std::string_view ending = "\xFF") {
    std::string text;
    char chunk[4096];
    while (text.find(ending) == std::string::npos) {
      const auto n = ::recv(fd_.get(), chunk, sizeof chunk, 0);
      if (n < 0 && errno == EAGAIN) return text + "(silence)";
      if (n <= 0) break;
      text.append(chunk, static_cast<std::size_t>(n));
    }
    return text;
  }

 private:
  arbortls::UniqueFd fd_;
};

inline void say_ok(const admin::Request&, const admin::Reply& reply) {
  reply({200, "text/plain", "ok"});
}

}  // namespace admin_test
