#pragma once
// Between our messages and Beast's.

#include "http/message.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>

namespace arbortls::http {

using BeastRequest = boost::beast::http::request<boost::beast::http::string_body>;
using BeastResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Nothing where a handler shall not see it: no target of ours to be found in it, not exactly one host (HTTP/1.0 may
// have none).
std::optional<Request> received(BeastRequest message, std::string peer);

// `head`: the body is left out, its length is told.
BeastResponse to_send(Response response, bool head, bool keep_alive);

// The request as another server shall get it.
BeastRequest to_forward(const Request& request);
// Headers of this connection alone are left out.
Response passed_on(BeastResponse message);

}  // namespace arbortls::http
