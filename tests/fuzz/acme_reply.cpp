// Any bytes as whatever a CA may send, in headers and in the body, and as the files of ours that
// stand on a disk: read or refused, with texts that are fit for a log.

#include "acme/account.hpp"
#include "acme/base64url.hpp"
#include "acme/directory.hpp"
#include "acme/failure.hpp"
#include "acme/mark.hpp"
#include "acme/objects.hpp"
#include "acme/order_state.hpp"
#include "acme/received.hpp"
#include "acme/renewal_info.hpp"
#include "acme/revocation.hpp"
#include "acme/times.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace arbortls::acme;

namespace {

constexpr std::int64_t now = 1780272000;

void require(bool holds) {
  if (!holds) std::abort();
}

void require_plain(std::string_view text) {
  for (const char c : text) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

void check_headers(const Reply& reply) {
  if (const auto at = retry_at(reply, now)) require(now <= *at && *at <= now + longest_retry_after);
  for (const char* relation : {"up", "alternate", "index"}) links(reply, relation);
}

void check_failure(const Reply& reply) {
  const auto failure = failure_of(reply, now, "asking");
  require_plain(failure.text);
  require_plain(failure.type);
  require(failure.text.starts_with("asking: ") && failure.text.size() < 5000);
}

void check_objects(const std::string& body) {
  if (const auto directory = parse_directory(body)) {
    require(directory->new_order.starts_with("https://"));
  }
  if (const auto order = parse_order(body)) require_plain(order->status);
  if (const auto authorization = parse_authorization(body)) {
    for (const auto& each : authorization->challenges) {
      require(each.token.find_first_of("/. \r\n") == std::string::npos);
      require_plain(each.url);
    }
  }
  if (const auto info = parse_renewal_info({200, {}, body}, now)) {
    require(info->start < info->end && info->ask_again_at > now);
  }
}

void check_files(const std::string& body) {
  if (const auto state = order_state_from_json(body)) {
    require(order_state_from_json(to_json(*state)).value() == *state);
  }
  if (const auto state = account_state_from_json(body)) {
    require(account_state_from_json(to_json(*state)).value() == *state);
  }
  if (const auto mark = read_mark(body)) require(read_mark(to_text(*mark)).has_value());
}

void check_certificate(const std::string& body) {
  const auto checked = check_received(body, body, {"a.example"}, now);
  if (const auto* unfit = std::get_if<Unfit>(&checked)) require_plain(unfit->text);
  certificate_id(body);
  revocation(body, RevocationReason::unspecified);
}

}  // namespace

// The first line is a header's value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto line = bytes.substr(0, bytes.find('\n'));
  const std::string value(line);
  const std::string body(bytes.substr(std::min(line.size() + 1, size)));
  const Reply reply{400, {{"Retry-After", value}, {"Link", value}}, body};
  check_headers(reply);
  check_failure(reply);
  check_objects(body);
  check_files(body);
  check_certificate(body);
  if (const auto time = parse_rfc3339(value)) require(parse_rfc3339(to_rfc3339(*time)) == *time);
  const auto decoded = from_base64url(base64url(body));
  require(decoded == body);
  return 0;
}
