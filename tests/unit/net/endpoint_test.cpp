#include "net/endpoint.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <tuple>

using arbortls::Result;
using arbortls::UniqueFd;
using arbortls::net::Address;
using arbortls::net::AddressSet;
using arbortls::net::ConnectStart;
using arbortls::net::listen_on;
using arbortls::net::local_address;
using arbortls::net::Network;
using arbortls::net::peer_address;
using arbortls::net::start_connect;

namespace {

Address one(const std::string& endpoint) {
  const auto all = Address::resolve(endpoint);
  INFO((all ? "" : all.error().message));
  REQUIRE(all.has_value());
  return all->front();
}

UniqueFd listening(const std::string& endpoint) {
  auto fd = listen_on(endpoint, 16);
  INFO((fd ? "" : fd.error().message));
  REQUIRE(fd.has_value());
  return std::move(*fd);
}

void wait_for(int fd, short events) {
  pollfd p{fd, events, 0};
  REQUIRE(::poll(&p, 1, 5000) == 1);
}

UniqueFd accepted(int listener) {
  wait_for(listener, POLLIN);
  return UniqueFd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(fd, level, name, &value, &size) == 0);
  return value;
}

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "arbortls_net_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

bool has_ipv6() { return listen_on("[::1]:0", 1).has_value(); }

}  // namespace

TEST_CASE("addresses are shown as they are written", "[net]") {
  const auto [endpoint, text, ip] = GENERATE(table<std::string, std::string, std::string>({
      {"1.2.3.4:5", "1.2.3.4:5", "1.2.3.4"}, {"[::1]:443", "[::1]:443", "::1"},
      {"[::ffff:1.2.3.4]:5", "1.2.3.4:5", "1.2.3.4"}, {"unix:/run/ws.sock", "unix:/run/ws.sock", "unix"},
      {"[2001:DB8::0:1]:65535", "[2001:db8::1]:65535", "2001:db8::1"}, {"0.0.0.0:0", "0.0.0.0:0", "0.0.0.0"}}));
  REQUIRE(one(endpoint).to_string() == text);
  REQUIRE(one(endpoint).ip_text() == ip);
  REQUIRE(Address().to_string().empty());
}

TEST_CASE("an endpoint that cannot be one is refused with what would be right", "[net]") {
  const auto [endpoint, reason] = GENERATE(table<std::string, std::string>({
      {"", "port"}, {"1.2.3.4", "port"}, {"1.2.3.4:", "port"}, {"1.2.3.4:65536", "port"}, {"h:http", "port"},
      {"::1:443", "brackets"}, {":443", "host"}, {"[]:443", "host"}, {"[1.2.3.4]:5", "IPv6"}, {"[::1:443", "brackets"},
      {"a b:1", "host"}, {"unix:", "absolute"}, {"unix:ws.sock", "absolute"},
      {"unix:/" + std::string(107, 'x'), "107"}}));
  const auto result = Address::resolve(endpoint);
  REQUIRE(result.has_error());
  INFO(result.error().message);
  REQUIRE(result.error().message.find(reason) != std::string::npos);
  REQUIRE(result.error().message.find("\"" + endpoint + "\"") == 0);
}

TEST_CASE("the longest path of a UNIX socket fits", "[net]") {
  const std::string path = "/" + std::string(106, 'x');
  REQUIRE(one("unix:" + path).to_string() == "unix:" + path);
}

TEST_CASE("an IP address alone has port 0", "[net]") {
  REQUIRE(Address::from_ip("127.0.0.2")->to_string() == "127.0.0.2:0");
  REQUIRE(Address::from_ip("2001:db8::1")->to_string() == "[2001:db8::1]:0");
  for (const std::string text : {"", "localhost", "1.2.3", "[::1]", "1.2.3.4:5"}) {
    REQUIRE(Address::from_ip(text).has_error());
  }
}

TEST_CASE("the hash is of the IP alone, mapped or not", "[net]") {
  REQUIRE(one("1.2.3.4:5").ip_hash() == one("1.2.3.4:6").ip_hash());
  REQUIRE(one("1.2.3.4:5").ip_hash() == one("[::ffff:1.2.3.4]:5").ip_hash());
  REQUIRE(one("1.2.3.4:5").ip_hash() != one("1.2.3.5:5").ip_hash());
  int per_server[4] = {};
  for (int i = 0; i < 256; ++i) ++per_server[one("10.0.0." + std::to_string(i) + ":1").ip_hash() % 4];
  for (const int count : per_server) REQUIRE(count > 32);
}

TEST_CASE("networks hold their addresses and no others", "[net]") {
  const auto [network, ip, held] = GENERATE(table<std::string, std::string, bool>({
      {"10.0.0.0/8", "10.255.0.1", true}, {"10.0.0.0/8", "11.0.0.1", false}, {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false}, {"192.0.2.128/25", "192.0.2.127", false},
      {"192.0.2.128/25", "192.0.2.128", true}, {"10.0.0.0/8", "::ffff:10.1.1.1", true}, {"0.0.0.0/0", "1.2.3.4", true},
      {"0.0.0.0/0", "2001:db8::1", false}, {"::/0", "2001:db8::1", true}, {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false}, {"::1", "::1", true}, {"::1", "127.0.0.1", false},
      {"::ffff:10.0.0.0/104", "10.2.3.4", true}}));
  const auto parsed = Network::parse(network);
  REQUIRE(parsed.has_value());
  REQUIRE(parsed->contains(*Address::from_ip(ip)) == held);
  REQUIRE_FALSE(parsed->contains(one("unix:/run/x")));
  REQUIRE_FALSE(parsed->contains(Address()));
}

TEST_CASE("what is no network is refused", "[net]") {
  const std::string text = GENERATE(as<std::string>{}, "", "x", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08",
                                    "10.0.0.1/8", "2001:db8::1/32", "::/129", "10.0.0.0/8/8", "10.0.0.0/-1", "/8");
  REQUIRE(Network::parse(text).has_error());
}

TEST_CASE("an address set knows UNIX peers by a word", "[net]") {
  const auto set = AddressSet::parse({"10.0.0.0/8", "unix"});
  REQUIRE(set.has_value());
  REQUIRE(set->contains(one("unix:/run/x")));
  REQUIRE(set->contains(one("10.1.1.1:5")));
  REQUIRE_FALSE(set->contains(one("11.1.1.1:5")));
  REQUIRE_FALSE(AddressSet::parse({"::1"})->contains(one("unix:/run/x")));
  REQUIRE(AddressSet::parse({"::1", "nonsense"}).has_error());
  REQUIRE(AddressSet().empty());
  REQUIRE_FALSE(AddressSet().contains(one("10.1.1.1:5")));
}

TEST_CASE("a listener takes a connection and both ends know their addresses", "[net]") {
  const UniqueFd listener = listening("127.0.0.1:0");
  REQUIRE((::fcntl(listener.get(), F_GETFL) & O_NONBLOCK) != 0);
  REQUIRE((::fcntl(listener.get(), F_GETFD) & FD_CLOEXEC) != 0);
  const Address from = *Address::from_ip("127.0.0.9");
  const ConnectStart started = start_connect(local_address(listener.get()), &from);
  REQUIRE((started.error == 0 || started.error == EINPROGRESS));
  const UniqueFd server = accepted(listener.get());
  const int client = started.fd.get();
  wait_for(client, POLLOUT);
  REQUIRE(peer_address(server.get()).ip_text() == "127.0.0.9");
  REQUIRE(peer_address(server.get()).to_string() == local_address(client).to_string());
  REQUIRE((::fcntl(client, F_GETFL) & O_NONBLOCK) != 0);
  REQUIRE((::fcntl(client, F_GETFD) & FD_CLOEXEC) != 0);
  // What is accepted has it from its listener.
  for (const int end : {client, server.get()}) {
    REQUIRE(option(end, SOL_SOCKET, SO_KEEPALIVE) == 1);
    REQUIRE(option(end, IPPROTO_TCP, TCP_KEEPIDLE) == 30);
    REQUIRE(option(end, IPPROTO_TCP, TCP_KEEPINTVL) == 10);
    REQUIRE(option(end, IPPROTO_TCP, TCP_KEEPCNT) == 3);
    REQUIRE(option(end, IPPROTO_TCP, TCP_USER_TIMEOUT) == 60'000);
    REQUIRE(option(end, IPPROTO_TCP, TCP_NODELAY) != 0);
  }
}

TEST_CASE("the IPv6 wildcard takes IPv4 clients and shows them as IPv4", "[net]") {
  if (!has_ipv6()) return;
  const UniqueFd listener = listening("[::]:0");
  const auto port = std::to_string(local_address(listener.get()).port());
  const ConnectStart started = start_connect(one("127.0.0.1:" + port), nullptr);
  const UniqueFd server = accepted(listener.get());
  REQUIRE(peer_address(server.get()).ip_text() == "127.0.0.1");
  REQUIRE(local_address(server.get()).to_string() == "127.0.0.1:" + port);
}

TEST_CASE("an address that is taken is refused with its name and the reason", "[net]") {
  const UniqueFd listener = listening("127.0.0.1:0");
  const std::string taken = local_address(listener.get()).to_string();
  const auto again = listen_on(taken, 16);
  REQUIRE(again.has_error());
  REQUIRE(again.error().message.find(taken) != std::string::npos);
  REQUIRE(again.error().message.find("in use") != std::string::npos);
}

TEST_CASE("a connect to nobody fails and keeps no descriptor where it fails at once", "[net]") {
  std::string gone;
  {
    gone = local_address(listening("127.0.0.1:0").get()).to_string();
  }
  const ConnectStart tcp = start_connect(one(gone), nullptr);
  if (tcp.error == EINPROGRESS) {
    wait_for(tcp.fd.get(), POLLOUT);
    REQUIRE(option(tcp.fd.get(), SOL_SOCKET, SO_ERROR) == ECONNREFUSED);
  } else {
    REQUIRE(tcp.error == ECONNREFUSED);
  }
  const Directory directory;
  const ConnectStart unix_start = start_connect(one("unix:" + (directory / "none")), nullptr);
  REQUIRE(unix_start.error == ENOENT);
  REQUIRE_FALSE(unix_start.fd);
  const Address foreign = *Address::from_ip("192.0.2.1");
  REQUIRE(start_connect(one(gone), &foreign).error == EADDRNOTAVAIL);
}

TEST_CASE("a UNIX socket left over is replaced, one that is alive is not", "[net]") {
  const Directory directory;
  const std::string endpoint = "unix:" + (directory / "s");
  listening(endpoint).reset();
  REQUIRE(std::filesystem::exists(directory / "s"));
  const UniqueFd alive = listening(endpoint);
  const auto second = listen_on(endpoint, 16);
  REQUIRE(second.has_error());
  REQUIRE(second.error().message.find(endpoint) != std::string::npos);
  const ConnectStart started = start_connect(one(endpoint), nullptr);
  REQUIRE(started.error == 0);
}

TEST_CASE("a file that is no socket is never replaced", "[net]") {
  const Directory directory;
  const UniqueFd file(::open((directory / "f").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  REQUIRE(file);
  REQUIRE(listen_on("unix:" + (directory / "f"), 16).has_error());
  REQUIRE(std::filesystem::is_regular_file(directory / "f"));
}

TEST_CASE("TCP options leave UNIX sockets alone and no socket has no address", "[net]") {
  const Directory directory;
  const UniqueFd listener = listening("unix:" + (directory / "s"));
  arbortls::net::set_tcp_options(listener.get());
  REQUIRE(option(listener.get(), SOL_SOCKET, SO_KEEPALIVE) == 0);
  REQUIRE(local_address(listener.get()).to_string() == "unix:" + (directory / "s"));
  REQUIRE(local_address(-1).family() == AF_UNSPEC);
}
