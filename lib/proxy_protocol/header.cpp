#include "proxy_protocol/header.hpp"

#include "proxy_protocol/parse_v1.hpp"
#include "proxy_protocol/parse_v2.hpp"
#include "proxy_protocol/wire.hpp"

namespace arbortls::proxy_protocol {
namespace {

bool begins_with(std::string_view bytes, std::string_view opening) noexcept {
  return bytes.substr(0, opening.size()) == opening.substr(0, bytes.size());
}

}  // namespace

ParseResult parse(std::string_view bytes) noexcept {
  if (begins_with(bytes, "PROXY ")) return parse_v1(bytes);
  if (begins_with(bytes, wire::signature)) return parse_v2(bytes);
  ParseResult out;
  out.status = ParseStatus::bad;
  out.reason = "this is no PROXY header";
  return out;
}

}  // namespace arbortls::proxy_protocol
