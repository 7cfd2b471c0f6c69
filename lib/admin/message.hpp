#pragma once
// What the control socket carries, without HTTP: a request that was understood, and its answer.

#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace arbortls::admin {

struct Request {
  std::string method;                        // "GET", "POST"; a HEAD arrives as GET
  std::string path;                          // percent-decoded, begins with a slash
  std::map<std::string, std::string> query;  // percent-decoded; the first of a repeated key counts
  std::string body;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

struct Target {
  std::string path;
  std::map<std::string, std::string> query;
};

// An HTTP request target in origin form (RFC 9112 section 3.2.1). Refused: any other form, a
// percent sign without two hexadecimal digits, an encoded NUL.
Result<Target> parse_target(std::string_view target);

// Percent-encodes everything but unreserved characters (RFC 3986 section 2.3).
std::string percent_encode(std::string_view text);

}  // namespace arbortls::admin
