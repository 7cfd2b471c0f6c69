#include "trust_page/trust_page.hpp"

#include "trust_page/html.hpp"
#include "trust_page/page.hpp"
#include "trust_page/profile.hpp"

#include <algorithm>

namespace arbortls::trust_page {
namespace {

constexpr std::size_t most_host_bytes = 260;
constexpr std::string_view profile_path = "/root.mobileconfig";

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

// HOST[:PORT], with an IPv6 address in brackets; nothing that could mean more than that.
bool is_host_field(std::string_view host) {
  if (host.empty() || host.size() > most_host_bytes) return false;
  const bool bracketed = host.front() == '[';
  const auto end = bracketed ? host.find(']') : host.find(':');
  const auto name = host.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
  const auto rest = end == host.npos ? std::string_view() : host.substr(end + (bracketed ? 1 : 0));
  const auto all_of = [](std::string_view text, auto fits) {
    return std::all_of(text.begin(), text.end(), fits);
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto in_name = [&](char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_' || (bracketed && c == ':');
  };
  if (bracketed && end == host.npos) return false;
  const bool port = rest.empty() || (rest.front() == ':' && rest.size() > 1 && rest.size() < 7 &&
                                     all_of(rest.substr(1), digit));
  return !name.empty() && all_of(name, in_name) && port;
}

// The name or address out of a URL or a Host field.
std::string host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != url.npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return std::string(url.substr(0, url.find(':')));
}

Response plain(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", {}, std::move(body)};
}

// Shown in place: Firefox and Apple's systems then ask whether to install it.
Response file(std::string type, const std::string& name, std::string body, bool in_place) {
  const std::string how = in_place ? "inline" : "attachment";
  return {200,
          std::move(type),
          {{"Content-Disposition", how + "; filename=\"" + name + '"'}},
          std::move(body)};
}

}  // namespace

TrustPage::TrustPage(Site site, std::vector<authority::RootCertificate> roots)
    : site_(std::move(site)), roots_(std::move(roots)) {
  if (!site_.url.empty() && !site_.url.ends_with('/')) site_.url += '/';
}

Response TrustPage::page(const Request& request) const {
  std::string url = site_.url;
  if (url.empty() && is_host_field(request.host)) url = "http://" + std::string(request.host) + '/';
  std::string test_name = host_of(url);
  if (test_name.empty() || !authority::permits(roots_.front().permitted, test_name)) test_name = {};
  Response response{200, "text/html; charset=utf-8", {}, {}};
  response.headers = {{"Content-Security-Policy", page_policy()}, {"Vary", "User-Agent, Host"}};
  response.body = page_html({site_.name, url, test_name, request.user_agent, roots_});
  return response;
}

std::optional<Response> TrustPage::root_file_at(std::string_view path) const {
  for (std::size_t i = 0; i < roots_.size(); ++i) {
    const auto& root = roots_[i];
    if (const auto name = root_file(i, "crt"); path == '/' + name) {
      return file("application/x-x509-ca-cert", name, {root.der.begin(), root.der.end()}, true);
    }
    if (const auto name = root_file(i, "pem"); path == '/' + name)
      return file("application/x-pem-file", name, root.pem(), false);
  }
  return std::nullopt;
}

std::optional<Response> TrustPage::found(const Request& request) const {
  const std::string_view path = path_of(request.target);
  if (path == "/") return page(request);
  if (path == profile_path) {
    return file("application/x-apple-aspen-config", "root.mobileconfig",
                apple_profile(site_.name, roots_), true);
  }
  return root_file_at(path);
}

bool TrustPage::knows(std::string_view target) const {
  const std::string_view path = path_of(target);
  return path == "/" || path == profile_path || root_file_at(path);
}

Response TrustPage::answer(const Request& request) const {
  Response response;
  if (request.method != "GET" && request.method != "HEAD") {
    response = plain(405, "Only GET and HEAD are answered here.\n");
    response.headers.emplace_back("Allow", "GET, HEAD");
  } else if (auto known = found(request)) {
    response = std::move(*known);
  } else {
    response = plain(404, "There is nothing here. The page is at /\n");
  }
  // A root that was kept from before a change would be trusted in vain.
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace arbortls::trust_page
