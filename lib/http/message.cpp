#include "http/message.hpp"

#include <strings.h>

#include <algorithm>

namespace arbortls::http {

bool same_name(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view find_header(const Headers& headers, std::string_view name) noexcept {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& header) { return same_name(header.first, name); });
  return found != headers.end() ? std::string_view(found->second) : std::string_view();
}

bool is_hop_by_hop(std::string_view name) noexcept {
  constexpr std::string_view names[] = {"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate",
                                        "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
                                        "Content-Length", "Expect"};
  return std::any_of(std::begin(names), std::end(names), [&](std::string_view hop) { return same_name(hop, name); });
}

}  // namespace arbortls::http
