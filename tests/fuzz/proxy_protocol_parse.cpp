// Any bytes are a header, the beginning of one, or refused; the verdict never changes back as bytes arrive,
// and what was read can be written and read again.

#include "proxy_protocol/header.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using arbortls::proxy_protocol::max_written_size;
using arbortls::proxy_protocol::Outgoing;
using arbortls::proxy_protocol::parse;
using arbortls::proxy_protocol::ParseResult;
using arbortls::proxy_protocol::ParseStatus;
using arbortls::proxy_protocol::Version;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void write_and_read(const ParseResult& read, std::string_view authority) {
  Outgoing outgoing;
  outgoing.source = read.header.source;
  outgoing.destination = read.header.destination;
  outgoing.authority = authority;
  outgoing.tls_version = "TLSv1.3";
  for (const Version version : {Version::v1, Version::v2}) {
    char buffer[max_written_size];
    const std::size_t size = write(version, outgoing, buffer);
    require(size <= max_written_size);
    const ParseResult again = parse({buffer, size});
    require(again.status == ParseStatus::complete && again.size == size);
    require(again.header.source.has_value() == read.header.source.has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ParseResult whole = parse(bytes);
  require(whole.status != ParseStatus::complete || whole.size <= size);
  for (std::size_t cut = 0; cut < std::min<std::size_t>(size, 300); ++cut) {
    const ParseResult early = parse(bytes.substr(0, cut));
    if (early.status == ParseStatus::bad) require(whole.status == ParseStatus::bad);
    if (early.status == ParseStatus::complete) require(whole.size == early.size);
    if (whole.status == ParseStatus::need_more) require(early.status == ParseStatus::need_more);
  }
  if (whole.status == ParseStatus::complete) write_and_read(whole, bytes.substr(whole.size));
  return 0;
}
