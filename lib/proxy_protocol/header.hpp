#pragma once
// The PROXY protocol, versions 1 and 2 (haproxy's proxy-protocol.txt): bytes to value and back. Pure: no
// socket, no Asio.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arbortls::proxy_protocol {

enum class Version { v1, v2 };

// One IPv4 or IPv6 address and port, as sockaddr.
struct Address {
  sockaddr_storage storage{};
  sa_family_t family() const noexcept { return storage.ss_family; }
};

// What a header says. No addresses: the connection's own ones count (v2 LOCAL, v1 UNKNOWN, v2 UNSPEC and
// AF_UNIX).
struct Header {
  Version version = Version::v1;
  bool local = false;  // v2 LOCAL: a health check of the sender itself
  std::optional<Address> source;
  std::optional<Address> destination;
};

enum class ParseStatus { complete, need_more, bad };

struct ParseResult {
  ParseStatus status = ParseStatus::need_more;
  std::size_t size = 0;  // bytes of the header, TLVs included, when complete
  Header header;
  const char* reason = "";  // what is wrong, when bad
};

// v1 headers end within 107 bytes; v2 headers over max_v2_size bytes are bad.
inline constexpr std::size_t max_v2_size = 4096;
ParseResult parse(std::string_view bytes) noexcept;

// What to tell a backend. Without addresses: v1 `PROXY UNKNOWN`, v2 PROXY with AF_UNSPEC. Different
// families: both are written as IPv6 (IPv4 mapped); two IPv4-mapped IPv6 addresses are written as IPv4.
struct Outgoing {
  std::optional<Address> source;
  std::optional<Address> destination;
  std::string_view authority;     // SNI name for v2's PP2_TYPE_AUTHORITY; "" for none
  std::string_view tls_version;   // "TLSv1.3" for v2's PP2_TYPE_SSL; "" for none
  std::string_view tls_cipher;
};

// Some SIP servers refuse longer v2 headers; TLVs that would not fit are left out.
inline constexpr std::size_t max_written_size = 232;
// Writes to `out` (at least max_written_size bytes); returns the size.
std::size_t write(Version version, const Outgoing& outgoing, char* out) noexcept;

}  // namespace arbortls::proxy_protocol
