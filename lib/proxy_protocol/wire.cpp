#include "proxy_protocol/wire.hpp"

#include <array>

namespace arbortls::proxy_protocol::wire {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() noexcept {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    table[i] = crc;
  }
  return table;
}

constexpr auto table = make_table();

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) noexcept {
  crc = ~crc;
  for (const char c : bytes) crc = (crc >> 8) ^ table[(crc ^ byte(c)) & 0xff];
  return ~crc;
}

}  // namespace arbortls::proxy_protocol::wire
