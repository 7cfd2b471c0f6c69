#include "proxy_protocol/header.hpp"

#include "proxy_protocol/wire.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>

#include <cstring>
#include <string>
#include <tuple>

using namespace std::string_literals;
using arbortls::proxy_protocol::Address;
using arbortls::proxy_protocol::max_written_size;
using arbortls::proxy_protocol::Outgoing;
using arbortls::proxy_protocol::parse;
using arbortls::proxy_protocol::ParseResult;
using arbortls::proxy_protocol::ParseStatus;
using arbortls::proxy_protocol::Version;
namespace wire = arbortls::proxy_protocol::wire;

namespace {

Address address(const std::string& ip, std::uint16_t port) {
  Address out;
  if (ip.find(':') == std::string::npos) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    REQUIRE(::inet_pton(AF_INET, ip.c_str(), &in.sin_addr) == 1);
    std::memcpy(&out.storage, &in, sizeof in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    REQUIRE(::inet_pton(AF_INET6, ip.c_str(), &in.sin6_addr) == 1);
    std::memcpy(&out.storage, &in, sizeof in);
  }
  return out;
}

Outgoing between(const std::string& source, const std::string& destination) {
  Outgoing out;
  out.source = address(source, 1234);
  out.destination = address(destination, 443);
  return out;
}

// Into a buffer of exactly the promised size, with a guard behind it.
std::string written(Version version, const Outgoing& outgoing) {
  std::string buffer(max_written_size + 16, '#');
  const std::size_t size = write(version, outgoing, buffer.data());
  REQUIRE(size <= max_written_size);
  REQUIRE(buffer.substr(size) == std::string(buffer.size() - size, '#'));
  return buffer.substr(0, size);
}

// The values of the TLVs of that type, from `at` to the end of `bytes`.
std::vector<std::string> tlvs(const std::string& bytes, std::size_t at, int type) {
  std::vector<std::string> out;
  while (at + 3 <= bytes.size()) {
    const std::size_t size = wire::read16(std::string_view(bytes).substr(at + 1));
    if (static_cast<unsigned char>(bytes[at]) == type) out.push_back(bytes.substr(at + 3, size));
    at += 3 + size;
  }
  REQUIRE(at == bytes.size());
  return out;
}

constexpr std::size_t ipv4_tlvs = 28;

}  // namespace

TEST_CASE("v1 is written as the text says", "[proxy_protocol]") {
  const auto [source, destination, line] = GENERATE(table<std::string, std::string, std::string>({
      {"1.2.3.4", "5.6.7.8", "PROXY TCP4 1.2.3.4 5.6.7.8 1234 443\r\n"},
      {"2001:db8::1", "::1", "PROXY TCP6 2001:db8::1 ::1 1234 443\r\n"},
      {"::ffff:1.2.3.4", "::ffff:5.6.7.8", "PROXY TCP4 1.2.3.4 5.6.7.8 1234 443\r\n"},
      {"::ffff:1.2.3.4", "5.6.7.8", "PROXY TCP4 1.2.3.4 5.6.7.8 1234 443\r\n"},
      {"1.2.3.4", "2001:db8::1", "PROXY TCP6 ::ffff:1.2.3.4 2001:db8::1 1234 443\r\n"},
      {"2001:db8::1", "::ffff:5.6.7.8", "PROXY TCP6 2001:db8::1 ::ffff:5.6.7.8 1234 443\r\n"},
  }));
  REQUIRE(written(Version::v1, between(source, destination)) == line);
}

TEST_CASE("without two IP addresses nothing is claimed", "[proxy_protocol]") {
  Outgoing outgoing;
  if (const int which = GENERATE(0, 1, 2); which == 1) {
    outgoing.source = address("1.2.3.4", 1);
  } else if (which == 2) {
    outgoing = between("1.2.3.4", "5.6.7.8");
    outgoing.source->storage.ss_family = AF_UNIX;
  }
  REQUIRE(written(Version::v1, outgoing) == "PROXY UNKNOWN\r\n");
  REQUIRE(written(Version::v2, outgoing) == std::string(wire::signature) + "\x21\0\0\0"s);
}

TEST_CASE("v2 is written as the text says", "[proxy_protocol]") {
  REQUIRE(written(Version::v2, between("1.2.3.4", "5.6.7.8")) ==
          std::string(wire::signature) + "\x21\x11\x00\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x04\xd2\x01\xbb"s);
}

TEST_CASE("what is written is read back", "[proxy_protocol]") {
  const Version version = GENERATE(Version::v1, Version::v2);
  const auto [source, destination] = GENERATE(table<std::string, std::string>(
      {{"1.2.3.4", "5.6.7.8"}, {"2001:db8::1", "2001:db8::2"}, {"255.255.255.255", "0.0.0.0"}}));
  const Outgoing outgoing = between(source, destination);
  const std::string bytes = written(version, outgoing);
  const ParseResult back = parse(bytes);
  REQUIRE(back.status == ParseStatus::complete);
  REQUIRE(back.size == bytes.size());
  REQUIRE(back.header.version == version);
  REQUIRE(std::memcmp(&back.header.source->storage, &outgoing.source->storage, sizeof(sockaddr_in6)) == 0);
  REQUIRE(std::memcmp(&back.header.destination->storage, &outgoing.destination->storage,
                      sizeof(sockaddr_in6)) == 0);
}

TEST_CASE("v2 tells the name asked for and the TLS version and cipher", "[proxy_protocol]") {
  Outgoing outgoing = between("1.2.3.4", "5.6.7.8");
  outgoing.authority = "acme.example";
  outgoing.tls_version = "TLSv1.3";
  outgoing.tls_cipher = "TLS_AES_128_GCM_SHA256";
  const std::string bytes = written(Version::v2, outgoing);
  REQUIRE(parse(bytes).status == ParseStatus::complete);
  REQUIRE(tlvs(bytes, ipv4_tlvs, 0x02) == std::vector<std::string>{"acme.example"});
  const auto ssl = tlvs(bytes, ipv4_tlvs, 0x20);
  REQUIRE(ssl.size() == 1);
  REQUIRE(ssl[0][0] == 1);                            // over TLS, no client certificate
  REQUIRE(ssl[0].substr(1, 4) != std::string(4, '\0'));  // so nothing was verified
  REQUIRE(tlvs(ssl[0], 5, 0x21) == std::vector<std::string>{"TLSv1.3"});
  REQUIRE(tlvs(ssl[0], 5, 0x23) == std::vector<std::string>{"TLS_AES_128_GCM_SHA256"});
}

TEST_CASE("v2 leaves out what does not fit and its length is what was written", "[proxy_protocol]") {
  const std::string source = GENERATE(as<std::string>{}, "1.2.3.4", "2001:db8::1");
  const bool with_tls = GENERATE(true, false);
  Outgoing outgoing = between(source, source);
  if (with_tls) {
    outgoing.tls_version = "TLSv1.2";
    outgoing.tls_cipher = "ECDHE-ECDSA-AES128-GCM-SHA256";
  }
  bool fitted = true;
  for (std::size_t size = 0; size <= 300; ++size) {
    const std::string authority(size, 'a');
    outgoing.authority = authority;
    const std::string bytes = written(Version::v2, outgoing);
    REQUIRE(wire::read16(std::string_view(bytes).substr(14)) == bytes.size() - 16);
    REQUIRE(parse(bytes).status == ParseStatus::complete);
    REQUIRE(parse(bytes).size == bytes.size());
    const bool fits = bytes.find(authority) != std::string::npos;
    REQUIRE((fitted || !fits));
    fitted = fits;
  }
  REQUIRE_FALSE(fitted);
}

TEST_CASE("v2 fills the last byte it may", "[proxy_protocol]") {
  Outgoing outgoing = between("1.2.3.4", "5.6.7.8");
  const std::string longest(max_written_size - ipv4_tlvs - 3, 'a');
  outgoing.authority = longest;
  REQUIRE(written(Version::v2, outgoing).size() == max_written_size);
}

TEST_CASE("an absurd cipher name costs only its TLV", "[proxy_protocol]") {
  Outgoing outgoing = between("1.2.3.4", "5.6.7.8");
  const std::string cipher(70'000, 'c');
  outgoing.tls_version = "TLSv1.3";
  outgoing.tls_cipher = cipher;
  outgoing.authority = "a.test";
  const std::string bytes = written(Version::v2, outgoing);
  REQUIRE(tlvs(bytes, ipv4_tlvs, 0x20).empty());
  REQUIRE(tlvs(bytes, ipv4_tlvs, 0x02) == std::vector<std::string>{"a.test"});
}
