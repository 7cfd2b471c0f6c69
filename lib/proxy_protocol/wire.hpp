#pragma once
// The numbers of PROXY v2 on the wire and its checksum: internal to this module.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace arbortls::proxy_protocol::wire {

inline constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
inline constexpr std::size_t fixed_size = 16;  // signature, version and command, family, length

inline constexpr std::uint8_t version_local = 0x20;
inline constexpr std::uint8_t version_proxy = 0x21;
inline constexpr std::uint8_t tcp4 = 0x11;
inline constexpr std::uint8_t tcp6 = 0x21;

inline constexpr std::uint8_t tlv_authority = 0x02;
inline constexpr std::uint8_t tlv_crc32c = 0x03;
inline constexpr std::uint8_t tlv_ssl = 0x20;
inline constexpr std::uint8_t tlv_ssl_version = 0x21;
inline constexpr std::uint8_t tlv_ssl_cipher = 0x23;
inline constexpr std::uint8_t client_ssl = 0x01;

// CRC-32C (Castagnoli, RFC 3720 appendix B.4), continued from `crc` (0 to begin with).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0) noexcept;

constexpr std::uint8_t byte(char c) noexcept { return static_cast<std::uint8_t>(c); }
constexpr std::uint16_t read16(std::string_view at) noexcept {
  return static_cast<std::uint16_t>(byte(at[0]) << 8 | byte(at[1]));
}

}  // namespace arbortls::proxy_protocol::wire
