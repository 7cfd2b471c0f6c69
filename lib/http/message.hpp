#pragma once
// HTTP messages as values, for the server's handlers and the client alike.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arbortls::http {

// Names in any case; RFC 9110, 5.1 makes them equal.
using Headers = std::vector<std::pair<std::string, std::string>>;

// As names of headers: in any case.
bool same_name(std::string_view a, std::string_view b) noexcept;

// Of this connection alone (RFC 9110, 7.6.1), or written anew for each.
bool is_hop_by_hop(std::string_view name) noexcept;

// The first one's value; "" where there is none.
std::string_view find_header(const Headers& headers, std::string_view name) noexcept;

struct Request {
  std::string method;
  std::string target;  // as sent; of a handler's request: starts with `/`, without spaces or control characters
  std::string host;    // the Host header, or the host of an absolute target; as sent, so it may be anything
  std::string peer;    // the client's address without its port, "unix" for a UNIX socket
  Headers headers;
  std::string body;
};

struct Response {
  unsigned status = 200;
  std::string content_type;  // "": no body
  Headers headers;           // others than Content-Type, Content-Length, Connection, Date
  std::string body;
};

}  // namespace arbortls::http
