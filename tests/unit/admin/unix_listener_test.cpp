#include "admin/unix_listener.hpp"

#include "unit/admin/support.hpp"

#include <sys/stat.h>

#include <fstream>

using namespace admin_test;
using admin::UnixListener;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777u : 0;
}

bool exists(const std::string& path) { return std::filesystem::exists(path); }

}  // namespace

TEST_CASE("the socket has mode 0660 whatever the umask, and its directory is made", "[admin]") {
  const Directory directory;
  const mode_t before = ::umask(GENERATE(0, 0077));
  auto listener = UnixListener::open(directory / "a/b/control.sock", 0660);
  ::umask(before);
  REQUIRE(listener.has_value());
  CHECK(mode_of(directory / "a/b/control.sock") == 0660);
  CHECK(mode_of(directory / "a/b") == 0750);
}

TEST_CASE("a socket that nobody answers on is replaced", "[admin]") {
  const Directory directory;
  const auto path = directory / "s";
  {
    auto stale = UnixListener::open(path, 0660);
    REQUIRE(stale.has_value());
  }
  REQUIRE(exists(path));
  CHECK(UnixListener::open(path, 0660).has_value());
}

TEST_CASE("a socket that somebody answers on is left alone", "[admin]") {
  Running server(say_ok);
  const auto second = UnixListener::open(server.socket, 0660);
  REQUIRE(!second);
  CHECK(second.error().message == server.socket + ": another process answers on this socket");
  CHECK(server.ask("GET", "/")->body == "ok");
}

TEST_CASE("a file or a directory in the way is left alone", "[admin]") {
  const Directory directory;
  std::ofstream(directory / "file") << "precious";
  std::filesystem::create_directory(directory / "directory");
  for (const auto* name : {"file", "directory"}) {
    const auto listener = UnixListener::open(directory / name, 0660);
    REQUIRE(!listener);
    CHECK(listener.error().message.find("is not a socket") != std::string::npos);
    CHECK(exists(directory / name));
  }
}

TEST_CASE("paths that no socket can have are refused with the reason", "[admin]") {
  const Directory directory;
  CHECK(!UnixListener::open("", 0660));
  CHECK(!UnixListener::open("/proc/nowhere/s", 0660));
  const auto longer = UnixListener::open(directory / std::string(120, 'x'), 0660);
  REQUIRE(!longer);
  CHECK(longer.error().message.find("1 to 107 bytes") != std::string::npos);
}

TEST_CASE("stopping removes the socket, but not one that somebody else has put there", "[admin]") {
  Running server(say_ok);
  SECTION("ours") {
    server.stop();
    CHECK_FALSE(exists(server.socket));
  }
  SECTION("another's") {
    std::filesystem::remove(server.socket);
    auto other = UnixListener::open(server.socket, 0660);
    REQUIRE(other.has_value());
    server.stop();
    CHECK(exists(server.socket));
  }
}
