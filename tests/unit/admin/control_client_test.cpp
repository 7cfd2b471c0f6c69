#include "admin/control_client.hpp"

#include "admin/unix_listener.hpp"
#include "unit/admin/support.hpp"

#include <sys/stat.h>

#include <fstream>

using namespace admin_test;
using admin::ClientFailure;

TEST_CASE("no socket, and a socket nobody answers on, are told as not running", "[admin]") {
  const Directory directory;
  { CHECK(admin::UnixListener::open(directory / "stale", 0660).has_value()); }
  std::ofstream(directory / "file") << "x";
  for (const auto& path : {directory / "none", directory / "stale", directory / "no/where",
                                 directory / "file/x", std::string(200, 'x'), std::string()}) {
    const auto answer = admin::request(path, "GET", "/", "", 5s);
    CAPTURE(path);
    REQUIRE(!answer);
    CHECK(answer.error().failure == ClientFailure::not_running);
    CHECK(answer.error().message.starts_with("not running"));
  }
}

TEST_CASE("a server that says nothing is given up after the time limit", "[admin]") {
  const Directory directory;
  const auto silent = admin::UnixListener::open(directory / "s", 0660);
  REQUIRE(silent.has_value());
  const auto answer = admin::request(directory / "s", "GET", "/", "", 50ms);
  REQUIRE(!answer);
  CHECK(answer.error().failure == ClientFailure::timed_out);
}

TEST_CASE("a full queue of connections is given up after the time limit", "[admin]") {
  const Directory directory;
  auto silent = admin::UnixListener::open(directory / "s", 0660);
  REQUIRE(silent.has_value());
  const int fd = silent->release();
  arbortls::UniqueFd owner(fd);
  REQUIRE(::listen(fd, 0) == 0);
  RawClient fills(directory / "s");
  const auto answer = admin::request(directory / "s", "GET", "/", "", 50ms);
  REQUIRE(!answer);
  CHECK(answer.error().failure == ClientFailure::timed_out);
}

TEST_CASE("an answer that is not HTTP is told as broken", "[admin]") {
  const Directory directory;
  auto listener = admin::UnixListener::open(directory / "s", 0660);
  REQUIRE(listener.has_value());
  const arbortls::UniqueFd fd(listener->release());
  const std::string bytes = GENERATE("", "220 smtp ready\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Le",
                                     "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort");
  auto answer = std::async(std::launch::async,
                           [&] { return admin::request(directory / "s", "GET", "/", "", 10s); });
  int accepted = -1;
  while (accepted < 0) accepted = ::accept(fd.get(), nullptr, nullptr);
  {
    const arbortls::UniqueFd connection(accepted);
    char request[4096];
    CHECK(::recv(connection.get(), request, sizeof request, 0) > 0);
    CHECK(::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0);
  }
  const auto result = answer.get();
  REQUIRE(!result);
  CHECK(result.error().failure == ClientFailure::broken);
}
