#include "config/endpoint.hpp"

#include <catch2/catch.hpp>

namespace arbortls::config {

TEST_CASE("an endpoint in any of its forms is taken", "[config]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"127.0.0.1:443", "127.0.0.1:443"},
      {"0.0.0.0:0", "0.0.0.0:0"},
      {"localhost:65535", "localhost:65535"},
      {"sip.a-b.example:5060", "sip.a-b.example:5060"},
      {"[::]:443", "[::]:443"},
      {"[fe80::1%eth0]:443", "[fe80::1%eth0]:443"},
      {"[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]:1"},
      {"unix:/run/x.sock", "unix:/run/x.sock"},
      {"unix:x.sock", "unix:/etc/x.sock"},
      {"unix:./x.sock", "unix:/etc/x.sock"},
      {"unix:../x.sock", "unix:/etc/../x.sock"},
      {"systemd:https", "systemd:https"},
  }));
  const auto endpoint = parse_endpoint(text, EndpointUse::listen, "/etc");
  CAPTURE(text);
  REQUIRE(endpoint.has_value());
  CHECK(*endpoint == expected);
}

TEST_CASE("an endpoint that nothing can listen on is refused with the reason", "[config]") {
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"", "the port is missing"},
      {"443", "the port is missing"},
      {"localhost", "the port is missing"},
      {":443", "the host is missing"},
      {"localhost:", "the port has to be a number"},
      {"localhost:https", "the port has to be a number"},
      {"localhost:65536", "up to 65535"},
      {"localhost:-1", "the port has to be a number"},
      {"localhost:+1", "the port has to be a number"},
      {"localhost:1 ", "the port has to be a number"},
      {"localhost:99999999999999999999", "up to 65535"},
      {"1.2.3:443", "not a whole IPv4 address"},
      {"1.2.3.256:443", "not a whole IPv4 address"},
      {"a b:443", "the host is not legal"},
      {"*:443", "the host is not legal"},
      {"::1:443", "has to stand in brackets"},
      {"[::1]", "`]:PORT` is missing"},
      {"[::1", "`]:PORT` is missing"},
      {"[x]:443", "not an IPv6 address"},
      {"[]:443", "not an IPv6 address"},
      {"[127.0.0.1]:443", "not an IPv6 address"},
      {"[::1%]:443", "not an IPv6 address"},
      {"unix:", "the path is missing"},
      {"unix:/" + std::string(107, 'x'), "at most 107 bytes"},
      {"/run/x", "is written `unix:/PATH`"},
      {"systemd:", "FileDescriptorName"},
      {"systemd:a:b", "FileDescriptorName"},
      {"systemd:" + std::string(256, 'x'), "FileDescriptorName"},
  }));
  const auto endpoint = parse_endpoint(text, EndpointUse::listen, "/etc");
  CAPTURE(text);
  REQUIRE(endpoint.has_error());
  CHECK(endpoint.error().message.find(reason) != std::string::npos);
}

TEST_CASE("port 0 and systemd's sockets cannot be connected to", "[config]") {
  CHECK(parse_endpoint("h:1", EndpointUse::connect, "/").has_value());
  CHECK(parse_endpoint("h:0", EndpointUse::connect, "/").has_error());
  CHECK(parse_endpoint("[::1]:0", EndpointUse::connect, "/").has_error());
  CHECK(parse_endpoint("systemd:x", EndpointUse::connect, "/").has_error());
}

TEST_CASE("a peer is an address, a network or unix", "[config]") {
  for (const char* text : {"10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "10.0.0.1/32", "::1", "::/0",
                           "2001:db8::/32", "2001:db8::1/128", "10.128.0.0/9", "unix"}) {
    CAPTURE(text);
    CHECK(parse_peer(text).has_value());
  }
  for (const char* text :
       {"", "10.0.0", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8",
        "::1/64", "::/129", "localhost", "unix:/x", "/8", "10.64.0.0/9", "10.0.0.0/08x"}) {
    CAPTURE(text);
    CHECK(parse_peer(text).has_error());
  }
}

}  // namespace arbortls::config
