#include "unit/server/support.hpp"

#include "server/sockets.hpp"

#include <sys/socket.h>

using namespace arbortls::server;
using namespace arbortls::server::test;
using Catch::Matchers::Contains;

namespace {

arbortls::config::Listener at(const std::string& name, const std::string& address, std::size_t index = 0) {
  arbortls::config::Listener listener;
  listener.index = index;
  listener.name = name;
  listener.address.value = address;
  return listener;
}

}  // namespace

TEST_CASE("a socket stays the same over reloads while its address stays", "[server][sockets]") {
  Folder folder;
  Sockets sockets;
  const std::string path = "unix:" + folder.path("a.sock");
  const auto first = sockets.open({at("a", path), at("b", "127.0.0.1:0"), at("c", "127.0.0.1:0")});
  REQUIRE(first.problems.empty());
  sockets.commit();
  REQUIRE(first.listeners.size() == 3);
  CHECK(first.addresses[1] != first.addresses[2]);
  const auto second = sockets.open({at("c", "127.0.0.1:0"), at("a", path)});
  sockets.commit();
  REQUIRE(second.listeners.size() == 2);
  CHECK(second.listeners[0].socket == first.listeners[2].socket);
  CHECK(second.listeners[0].index == 0);
  CHECK(second.listeners[1].socket == first.listeners[0].socket);
  CHECK(second.addresses[0] == first.addresses[2]);
}

TEST_CASE("nothing is closed before the commit, and UNIX sockets go with their listener",
          "[server][sockets]") {
  Folder folder;
  Sockets sockets;
  const std::string path = "unix:" + folder.path("a.sock");
  REQUIRE(sockets.open({at("a", path)}).problems.empty());
  sockets.commit();
  const auto refused = sockets.open({at("b", "unix:/nowhere/at/all/b.sock")});
  CHECK(arbortls::has_errors(refused.problems));
  CHECK_THAT(told(refused.problems), Contains("listeners[0].address"));
  CHECK(folder.has("a.sock"));
  CHECK(sockets.open({}).problems.empty());
  CHECK(folder.has("a.sock"));
  sockets.commit();
  CHECK_FALSE(folder.has("a.sock"));
}

TEST_CASE("every address that cannot be opened is told of", "[server][sockets]") {
  Sockets sockets;
  const auto opened = sockets.open(
      {at("a", "systemd:web", 0), at("b", "unix:/nowhere/b.sock", 1), at("c", "127.0.0.1:0", 2)});
  CHECK(opened.problems.size() == 2);
  CHECK_THAT(told(opened.problems),
             Contains("FileDescriptorName=") && Contains("listeners[1].address"));
  CHECK(opened.listeners.size() == 1);
}

TEST_CASE("a reload that is refused for another listener's sake leaves a new socket unused",
          "[server][sockets]") {
  Folder folder;
  Sockets sockets;
  const std::string kept = "unix:" + folder.path("kept.sock");
  REQUIRE(sockets.open({at("a", kept)}).problems.empty());
  sockets.commit();
  const std::string fresh = "unix:" + folder.path("fresh.sock");
  CHECK(arbortls::has_errors(
      sockets.open({at("a", kept), at("b", fresh), at("c", "systemd:no")}).problems));
  REQUIRE(sockets.open({at("a", kept)}).problems.empty());
  sockets.commit();
  CHECK(folder.has("kept.sock"));
  CHECK_FALSE(folder.has("fresh.sock"));
}
