#include "proxy_protocol/parse_v2.hpp"

#include "proxy_protocol/address_form.hpp"
#include "proxy_protocol/wire.hpp"

#include <array>
#include <optional>

namespace arbortls::proxy_protocol {
namespace {

ParseResult bad(const char* reason) noexcept {
  ParseResult out;
  out.status = ParseStatus::bad;
  out.reason = reason;
  return out;
}

// Bytes of addresses that a family and transport has; none for a pair that is not defined.
std::optional<std::size_t> address_size(std::uint8_t family) noexcept {
  if (family == 0) return 0;
  if ((family & 0x0f) != 1 && (family & 0x0f) != 2) return std::nullopt;
  switch (family >> 4) {
    case 1: return 12;
    case 2: return 36;
    case 3: return 216;
    default: return std::nullopt;
  }
}

// Refuses what the first bytes show already, so that a peer is not waited for in vain.
const char* fault_in_fixed_part(std::string_view bytes) noexcept {
  if (bytes.size() <= 12) return nullptr;
  const std::uint8_t version = wire::byte(bytes[12]);
  if (version >> 4 != 2) return "the version is not 2";
  if ((version & 0x0f) > 1) return "the command is not LOCAL or PROXY";
  // A LOCAL header's family and what follows it are to be skipped whatever they are.
  std::size_t addresses = 0;
  if (version == wire::version_proxy && bytes.size() > 13) {
    const auto size = address_size(wire::byte(bytes[13]));
    if (!size) return "an address family or transport that is not defined";
    addresses = *size;
  }
  if (bytes.size() < wire::fixed_size) return nullptr;
  const std::size_t length = wire::read16(bytes.substr(14));
  if (wire::fixed_size + length > max_v2_size) return "the header is larger than 4096 bytes";
  return length < addresses ? "the header is too short for its addresses" : nullptr;
}

// The checksum is over the whole header with its own four bytes as zero.
bool checksum_is_right(std::string_view header, std::size_t at) noexcept {
  std::uint32_t said = 0;
  for (std::size_t i = 0; i < 4; ++i) said = said << 8 | wire::byte(header[at + i]);
  std::uint32_t crc = wire::crc32c(header.substr(0, at));
  crc = wire::crc32c(std::string_view("\0\0\0\0", 4), crc);
  return wire::crc32c(header.substr(at + 4), crc) == said;
}

const char* fault_in_tlvs(std::string_view header, std::size_t at) noexcept {
  while (at < header.size()) {
    if (header.size() - at < 3) return "a TLV is cut off";
    const std::uint8_t type = wire::byte(header[at]);
    const std::size_t size = wire::read16(header.substr(at + 1));
    at += 3;
    if (header.size() - at < size) return "a TLV is longer than the header";
    if (type == wire::tlv_crc32c) {
      if (size != 4) return "the CRC32C TLV has not four bytes";
      if (!checksum_is_right(header, at)) return "the CRC32C TLV does not match the header";
    }
    at += size;
  }
  return nullptr;
}

void take_addresses(std::string_view at, std::uint8_t family, Header& out) noexcept {
  std::array<std::uint8_t, 36> raw{};
  const std::size_t ip = family >> 4 == 1 ? 4 : 16;
  for (std::size_t i = 0; i < 2 * ip; ++i) raw[i] = wire::byte(at[i]);
  const std::uint16_t source_port = wire::read16(at.substr(2 * ip));
  const std::uint16_t destination_port = wire::read16(at.substr(2 * ip + 2));
  const auto make = ip == 4 ? make_ipv4 : make_ipv6;
  out.source = make(raw.data(), source_port);
  out.destination = make(raw.data() + ip, destination_port);
}

}  // namespace

ParseResult parse_v2(std::string_view bytes) noexcept {
  if (const char* fault = fault_in_fixed_part(bytes)) return bad(fault);
  if (bytes.size() < wire::fixed_size) return {};
  const std::size_t size = wire::fixed_size + wire::read16(bytes.substr(14));
  if (bytes.size() < size) return {};
  const std::string_view header = bytes.substr(0, size);
  const std::uint8_t family = wire::byte(header[13]);
  ParseResult out;
  out.header.version = Version::v2;
  out.header.local = wire::byte(header[12]) == wire::version_local;
  if (!out.header.local) {
    const std::size_t addresses = *address_size(family);
    if (const char* fault = fault_in_tlvs(header, wire::fixed_size + addresses)) return bad(fault);
    if (family == wire::tcp4 || family == wire::tcp6) {
      take_addresses(header.substr(wire::fixed_size), family, out.header);
    }
  }
  out.status = ParseStatus::complete;
  out.size = size;
  return out;
}

}  // namespace arbortls::proxy_protocol
