#include "http/door.hpp"

#include "domain/name.hpp"
#include "net/address.hpp"

#include <utility>

namespace arbortls::http {
namespace {

constexpr std::string_view challenge_prefix = "/.well-known/acme-challenge/";

Response plain(unsigned status, std::string text) { return {status, "text/plain; charset=utf-8", {}, std::move(text)}; }

bool asks_only(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

Answer answer_challenge(const DoorRules& rules, const Request& request) {
  const std::string_view token = std::string_view(request.target).substr(challenge_prefix.size());
  const auto known = rules.tokens && asks_only(request) ? rules.tokens(token) : std::nullopt;
  if (known) return Response{200, "application/octet-stream", {{"Cache-Control", "no-store"}}, *known};
  if (!rules.acme_backend.empty()) return Forward{rules.acme_backend};
  return plain(404, "there is no such challenge\n");
}

Response redirect(const DoorRules& rules, const Request& request) {
  const auto address = https_address(request.host, request.target, rules.redirect_to);
  if (!address) return plain(400, "the Host header has to be a host name\n");
  // 301 lets clients make a GET of a POST (RFC 9110, 15.4.2); 308 does not, but old ones do not know it.
  Response response = plain(asks_only(request) ? 301 : 308, "this server speaks https: " + *address + "\n");
  response.headers.emplace_back("Location", *address);
  return response;
}

// `text` without a port; nothing if what stands behind the host is none.
std::optional<std::string_view> without_port(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == text.npos) return {};
  const std::size_t colon = text.find(':', bracket);
  if (colon == text.npos) return text;
  const std::string_view port = text.substr(colon + 1);
  if (port.size() > 5 || port.find_first_not_of("0123456789") != port.npos) return {};
  return text.substr(0, colon);
}

// As it may stand in an address; "" for what is neither a name nor an IP address.
std::string safe_host(std::string_view host) {
  const bool bracket = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  const auto address = net::Address::from_ip(bracket ? host.substr(1, host.size() - 2) : host);
  if (address && bracket && address->family() == AF_INET6) return '[' + address->ip_text() + ']';
  if (address) return !bracket && address->family() == AF_INET ? address->ip_text() : std::string();
  const auto name = domain::parse_name(host);
  return name ? *name : std::string();
}

}  // namespace

std::optional<std::string> https_address(std::string_view host, std::string_view target, int port) {
  const auto bare = without_port(host);
  const std::string safe = bare ? safe_host(*bare) : std::string();
  if (safe.empty() || !target.starts_with('/')) return {};
  std::string address = "https://" + safe;
  if (port != 443) address.append(":").append(std::to_string(port));
  return address.append(target);
}

std::optional<std::string> own_address(std::string_view host, std::string_view target) {
  const auto bare = without_port(host);
  const std::string safe = bare ? safe_host(*bare) : std::string();
  if (safe.empty()) return {};
  const std::string_view port = host.substr(bare->size());
  return "http://" + safe + std::string(port == ":" || port == ":80" ? "" : port) + std::string(target);
}

Answer answer(const DoorRules& rules, const Request& request) {
  if (request.target.starts_with(challenge_prefix)) return answer_challenge(rules, request);
  if (rules.page) {
    if (auto shown = rules.page(request)) return std::move(*shown);
  }
  if (rules.redirects) return redirect(rules, request);
  return plain(404, "there is nothing here\n");
}

}  // namespace arbortls::http
