#pragma once
// One request handed on to another server without TLS.

#include "http/server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <optional>

namespace arbortls::http {

// Its answer; nothing where there is none in time, none that is HTTP, or one that is too large.
boost::asio::awaitable<std::optional<Response>> forward(boost::asio::any_io_executor executor, std::string address,
                                                        const Request& request, const ServerOptions& options);

}  // namespace arbortls::http
