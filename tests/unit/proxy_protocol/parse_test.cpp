#include "proxy_protocol/header.hpp"

#include "proxy_protocol/wire.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <tuple>

using arbortls::proxy_protocol::Address;
using arbortls::proxy_protocol::max_v2_size;
using arbortls::proxy_protocol::parse;
using arbortls::proxy_protocol::ParseResult;
using arbortls::proxy_protocol::ParseStatus;
using arbortls::proxy_protocol::Version;
namespace wire = arbortls::proxy_protocol::wire;

namespace {

std::string text(const std::optional<Address>& address) {
  if (!address) return "none";
  char ip[INET6_ADDRSTRLEN] = "";
  if (address->family() == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address->storage, sizeof in);
    ::inet_ntop(AF_INET, &in.sin_addr, ip, sizeof ip);
    return std::string(ip) + ":" + std::to_string(ntohs(in.sin_port));
  }
  sockaddr_in6 in{};
  std::memcpy(&in, &address->storage, sizeof in);
  ::inet_ntop(AF_INET6, &in.sin6_addr, ip, sizeof ip);
  return "[" + std::string(ip) + "]:" + std::to_string(ntohs(in.sin6_port));
}

std::string big16(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

std::string v2(int command, int family, const std::string& body) {
  return std::string(wire::signature) + static_cast<char>(command) + static_cast<char>(family) +
         big16(body.size()) + body;
}

std::string tlv(int type, const std::string& value) {
  return static_cast<char>(type) + big16(value.size()) + value;
}

const std::string ipv4_body("\x01\x02\x03\x04\x05\x06\x07\x08\x04\xd2\x01\xbb", 12);

std::string ipv6_body() {
  std::string out(36, '\0');
  out[0] = '\x20';
  out[15] = 1;
  out[31] = 2;
  out[33] = 80;
  out[34] = 1;
  return out;
}

// Everything but the last byte wants more, the whole is complete, and a byte after it belongs to what follows.
ParseResult require_complete(const std::string& header) {
  for (std::size_t size = 0; size < header.size(); ++size) {
    INFO("cut at " << size);
    const ParseResult cut = parse(std::string_view(header).substr(0, size));
    REQUIRE(cut.status == ParseStatus::need_more);
  }
  const ParseResult whole = parse(header);
  INFO(whole.reason);
  REQUIRE(whole.status == ParseStatus::complete);
  REQUIRE(whole.size == header.size());
  const ParseResult longer = parse(header + "\x16\x03\x01\r\n");
  REQUIRE(longer.status == ParseStatus::complete);
  REQUIRE(longer.size == header.size());
  return whole;
}

void require_bad(const std::string& bytes) {
  const ParseResult result = parse(bytes);
  REQUIRE(result.status == ParseStatus::bad);
  REQUIRE(std::string(result.reason) != "");
}

}  // namespace

TEST_CASE("a v1 header gives both addresses", "[proxy_protocol]") {
  const auto [header, source, destination] = GENERATE(table<std::string, std::string, std::string>({
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1234 443\r\n", "1.2.3.4:1234", "5.6.7.8:443"},
      {"PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n", "255.255.255.255:65535", "0.0.0.0:0"},
      {"PROXY TCP6 2001:db8::1 ::1 1 65535\r\n", "[2001:db8::1]:1", "[::1]:65535"},
      {"PROXY TCP6 ::ffff:1.2.3.4 ::1 1 2\r\n", "[::ffff:1.2.3.4]:1", "[::1]:2"},
      {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
       "65535 65535\r\n",
       "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
  }));
  const ParseResult result = require_complete(header);
  REQUIRE(result.header.version == Version::v1);
  REQUIRE_FALSE(result.header.local);
  REQUIRE(text(result.header.source) == source);
  REQUIRE(text(result.header.destination) == destination);
}

TEST_CASE("a v1 header of an unknown protocol has no addresses whatever it says", "[proxy_protocol]") {
  const std::string header = GENERATE(as<std::string>{}, "PROXY UNKNOWN\r\n", "PROXY UNKNOWN \r\n",
                                      "PROXY UNKNOWN ffff::1 what ever  it is\r\n");
  const ParseResult result = require_complete(header);
  REQUIRE_FALSE(result.header.source.has_value());
  REQUIRE_FALSE(result.header.destination.has_value());
}

TEST_CASE("a v1 header may have 107 bytes and no more", "[proxy_protocol]") {
  const std::string opening = "PROXY UNKNOWN ";
  require_complete(opening + std::string(107 - 2 - opening.size(), 'x') + "\r\n");
  require_bad(opening + std::string(108 - 2 - opening.size(), 'x') + "\r\n");
  require_bad(opening + std::string(107 - opening.size(), 'x'));
  require_bad(opening + std::string(106 - opening.size(), 'x') + "\r");
}

TEST_CASE("a v1 header that bends the rules is bad", "[proxy_protocol]") {
  const std::string header = GENERATE(as<std::string>{},
      "proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY\r\n", "PROXY \r\n", "PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
      "PROXY\tTCP4 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n",
      "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP4\r\n", "PROXY TCP4 \r\n", "PROXY TCP4 1.2.3.4\r\n",
      "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 \r\n",
      "PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n",
      "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n",
      "PROXY TCP4 1.2.3.4 5.6.7.8 1 00\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n",
      "PROXY TCP4 1.2.3.4 5.6.7.8 1 100000\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n",
      "PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 0x1 2\r\n",
      "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n", "PROXY TCP4 1.2.3.256 5.6.7.8 1 2\r\n",
      "PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP4 ::1 5.6.7.8 1 2\r\n",
      "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP6 ::g ::1 1 2\r\n", "PROXY TCP6 [::1] ::1 1 2\r\n",
      "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n",
      "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\rx", "PROXY UNKNOWN\n", "PROXY UNKNOWNX\r\n", "PROXY UNKNOW\r\n",
      "GET / HTTP/1.1\r\n", "\x16\x03\x01", "X");
  require_bad(header);
}

TEST_CASE("a NUL in a v1 address is no end of it", "[proxy_protocol]") {
  require_bad(std::string("PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n", 33));
}

TEST_CASE("what cannot become a v1 header is bad before its line ends", "[proxy_protocol]") {
  const std::string bytes = GENERATE(as<std::string>{}, "PROXYX", "PROXY X", "PROXY TCP5", "PROXY TCP4x",
                                     "PROXY UNKNOWNX", "PROXY TCP4  ", "PROXY TCP4 1.2.3.4x",
                                     "PROXY TCP4 1.2.3 ", "PROXY TCP4 1.2.3.4 5.6.7.8 65536",
                                     "PROXY TCP4 1.2.3.4 5.6.7.8 00", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 ",
                                     "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n", "PROXY TCP6 g");
  require_bad(bytes);
}

TEST_CASE("a v2 header gives both addresses", "[proxy_protocol]") {
  const ParseResult ipv4 = require_complete(v2(0x21, 0x11, ipv4_body));
  REQUIRE(ipv4.header.version == Version::v2);
  REQUIRE(text(ipv4.header.source) == "1.2.3.4:1234");
  REQUIRE(text(ipv4.header.destination) == "5.6.7.8:443");
  const ParseResult ipv6 = require_complete(v2(0x21, 0x21, ipv6_body()));
  REQUIRE(text(ipv6.header.source) == "[2000::1]:80");
  REQUIRE(text(ipv6.header.destination) == "[::2]:256");
}

TEST_CASE("v2 headers without TCP addresses are accepted and give none", "[proxy_protocol]") {
  const auto [family, size] = GENERATE(table<int, std::size_t>(
      {{0x00, 0}, {0x12, 12}, {0x22, 36}, {0x31, 216}, {0x32, 216}}));
  const ParseResult result = require_complete(v2(0x21, family, std::string(size, 'x')));
  REQUIRE_FALSE(result.header.source.has_value());
  REQUIRE_FALSE(result.header.local);
}

TEST_CASE("a v2 LOCAL header is skipped whatever it carries", "[proxy_protocol]") {
  const auto [family, body] = GENERATE(table<int, std::string>(
      {{0x00, ""}, {0x11, ipv4_body}, {0x11, ""}, {0xff, "xx"}, {0x21, "some bytes"}}));
  const ParseResult result = require_complete(v2(0x20, family, body));
  REQUIRE(result.header.local);
  REQUIRE_FALSE(result.header.source.has_value());
}

TEST_CASE("v2 TLVs are part of the header", "[proxy_protocol]") {
  require_complete(v2(0x21, 0x11, ipv4_body + tlv(0x02, "acme.example") + tlv(0x04, "") + tlv(0xee, "x")));
  require_complete(v2(0x21, 0x00, tlv(0x04, std::string(300, '\0'))));
}

TEST_CASE("a v2 header that bends the rules is bad", "[proxy_protocol]") {
  const auto [command, family, body] = GENERATE(table<int, int, std::string>({
      {0x11, 0x11, ipv4_body}, {0x31, 0x11, ipv4_body}, {0x22, 0x11, ipv4_body}, {0x2f, 0x11, ipv4_body},
      {0x21, 0x41, ipv4_body}, {0x21, 0x13, ipv4_body}, {0x21, 0x10, ipv4_body}, {0x21, 0x01, ""},
      {0x21, 0x11, ""}, {0x21, 0x11, ipv4_body.substr(0, 11)}, {0x21, 0x21, ipv4_body},
      {0x21, 0x31, std::string(215, 'x')}, {0x21, 0x11, ipv4_body + "\x04"},
      {0x21, 0x11, ipv4_body + std::string("\x04\x00", 2)},
      {0x21, 0x11, ipv4_body + std::string("\x04\x00\x01", 3)},
      {0x21, 0x11, ipv4_body + tlv(0x02, "ok") + std::string("\x04\xff\xff!", 4)},
  }));
  require_bad(v2(command, family, body));
}

TEST_CASE("what cannot become a v2 header is bad at once", "[proxy_protocol]") {
  const std::string signature(wire::signature);
  require_bad("\r\n\r\n\r");
  require_bad(signature.substr(0, 11) + "X");
  require_bad(signature + "\x31");
  require_bad(signature + "\x21\x55");
  require_bad(signature + "\x21\x11" + big16(11));
  require_bad(signature + "\x21\x11" + big16(max_v2_size - 15));
  REQUIRE(parse(signature + "\x21\x11" + big16(max_v2_size - 16)).status == ParseStatus::need_more);
  require_bad(signature + "\x20\x11" + big16(65535));
}

TEST_CASE("the checksum is CRC-32C", "[proxy_protocol]") {
  REQUIRE(wire::crc32c("123456789") == 0xe3069283u);
  REQUIRE(wire::crc32c("6789", wire::crc32c("12345")) == 0xe3069283u);
}

TEST_CASE("a v2 checksum is verified where there is one", "[proxy_protocol]") {
  std::string header = v2(0x21, 0x11, ipv4_body + tlv(0x03, std::string(4, '\0')) + tlv(0x02, "a.test"));
  const std::uint32_t crc = wire::crc32c(header);
  for (unsigned i = 0; i < 4; ++i) header[31 + i] = static_cast<char>(crc >> (24 - 8 * i) & 0xff);
  require_complete(header);
  for (const std::size_t touched : {std::size_t{16}, std::size_t{31}, std::size_t{34}, header.size() - 1}) {
    std::string other = header;
    other[touched] = static_cast<char>(other[touched] ^ 1);
    require_bad(other);
  }
  require_bad(v2(0x21, 0x11, ipv4_body + tlv(0x03, "abc")));
}
