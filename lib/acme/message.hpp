#pragma once
// What goes to a CA and comes back, without a network: one HTTP request, one reply (RFC 8555, 6.1).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arbortls::acme {

struct Request {
  std::string method;        // "GET", "HEAD", "POST"
  std::string url;           // absolute, https
  std::string content_type;  // "" where there is no body
  std::string body;
};

struct Reply {
  int status = 0;  // as in HTTP
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The first header of that name, whatever its case; "" if there is none.
  std::string_view header(std::string_view name) const noexcept;
  bool ok() const noexcept { return status >= 200 && status < 300; }
};

// A reply whose body is larger is not looked at; a transport need not read further.
inline constexpr std::size_t max_body = 1024 * 1024;

inline constexpr std::int64_t longest_retry_after = 24 * 3600;  // seconds

// The Unix time before which the CA wants no further request (RFC 9110, 10.2.3), whether it gave
// seconds or a date; from `now` to `now + longest_retry_after`. Nothing where there is no header,
// or one that cannot be read.
std::optional<std::int64_t> retry_at(const Reply& reply, std::int64_t now);

// The targets of all Link headers with that relation ("up", "alternate", "index"; RFC 8288), in
// order, as they stand in the header.
std::vector<std::string> links(const Reply& reply, std::string_view relation);

}  // namespace arbortls::acme
