#include "proxy_protocol/address_form.hpp"
#include "proxy_protocol/header.hpp"
#include "proxy_protocol/wire.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace arbortls::proxy_protocol {
namespace {

// Appends to the caller's buffer of max_written_size bytes; the writers below ask before what may not fit.
class Output {
 public:
  explicit Output(char* out) noexcept : begin_(out), at_(out) {}

  std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
  bool fits(std::size_t more) const noexcept { return size() + more <= max_written_size; }
  void text(std::string_view bytes) noexcept {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void byte(std::uint8_t value) noexcept { *at_++ = static_cast<char>(value); }
  void big16(std::size_t value) noexcept {
    byte(static_cast<std::uint8_t>(value >> 8));
    byte(static_cast<std::uint8_t>(value & 0xff));
  }
  void raw(const std::uint8_t* bytes, std::size_t count) noexcept {
    std::memcpy(at_, bytes, count);
    at_ += count;
  }
  void decimal(unsigned value) noexcept { at_ = std::to_chars(at_, at_ + 10, value).ptr; }
  void set_big16(std::size_t offset, std::size_t value) noexcept {
    Output there(begin_ + offset);
    there.big16(value);
  }

 private:
  char* begin_;
  char* at_;
};

void write_ip_text(Output& out, Family family, const Ip& ip) noexcept {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(family == Family::ipv4 ? AF_INET : AF_INET6, ip.bytes.data(), text, sizeof text);
  out.text(text);
}

void write_v1(const Pair& pair, Output& out) noexcept {
  if (pair.family == Family::none) return out.text("PROXY UNKNOWN\r\n");
  out.text(pair.family == Family::ipv4 ? "PROXY TCP4 " : "PROXY TCP6 ");
  write_ip_text(out, pair.family, pair.source);
  out.text(" ");
  write_ip_text(out, pair.family, pair.destination);
  out.text(" ");
  out.decimal(pair.source.port);
  out.text(" ");
  out.decimal(pair.destination.port);
  out.text("\r\n");
}

void write_addresses(const Pair& pair, Output& out) noexcept {
  if (pair.family == Family::none) return;
  const std::size_t ip = pair.family == Family::ipv4 ? 4 : 16;
  out.raw(pair.source.bytes.data(), ip);
  out.raw(pair.destination.bytes.data(), ip);
  out.big16(pair.source.port);
  out.big16(pair.destination.port);
}

constexpr std::size_t tlv_size(std::string_view value) noexcept {
  return value.empty() ? 0 : 3 + value.size();
}

void write_tlv(std::uint8_t type, std::string_view value, Output& out) noexcept {
  if (value.empty() || !out.fits(tlv_size(value))) return;
  out.byte(type);
  out.big16(value.size());
  out.text(value);
}

void write_tls(const Outgoing& outgoing, Output& out) noexcept {
  if (outgoing.tls_version.empty()) return;
  const std::size_t size = 5 + tlv_size(outgoing.tls_version) + tlv_size(outgoing.tls_cipher);
  if (!out.fits(3 + size)) return;
  out.byte(wire::tlv_ssl);
  out.big16(size);
  out.byte(wire::client_ssl);
  // `verify` is zero only where a client certificate was given and verified.
  out.raw(std::array<std::uint8_t, 4>{0, 0, 0, 1}.data(), 4);
  write_tlv(wire::tlv_ssl_version, outgoing.tls_version, out);
  write_tlv(wire::tlv_ssl_cipher, outgoing.tls_cipher, out);
}

void write_v2(const Pair& pair, const Outgoing& outgoing, Output& out) noexcept {
  constexpr std::size_t length_offset = 14;
  out.text(wire::signature);
  out.byte(wire::version_proxy);
  out.byte(pair.family == Family::none ? 0 : pair.family == Family::ipv4 ? wire::tcp4 : wire::tcp6);
  out.big16(0);
  write_addresses(pair, out);
  write_tls(outgoing, out);
  write_tlv(wire::tlv_authority, outgoing.authority, out);
  out.set_big16(length_offset, out.size() - wire::fixed_size);
}

}  // namespace

std::size_t write(Version version, const Outgoing& outgoing, char* out) noexcept {
  Output output(out);
  const Pair pair = common_form(outgoing);
  if (version == Version::v1) {
    write_v1(pair, output);
  } else {
    write_v2(pair, outgoing, output);
  }
  return output.size();
}

}  // namespace arbortls::proxy_protocol
