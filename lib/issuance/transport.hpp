#pragma once
// ACME messages over HTTPS. One thread.

#include "acme/message.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <string>

namespace arbortls::issuance {

// Brings one request to a CA whose server is trusted by `ca_file` besides the system's own. `done` is called once,
// never from within; an error means that no reply came.
using Transport = std::function<void(const acme::Request& request, const std::string& ca_file,
                                     std::function<void(Result<acme::Reply>)> done)>;

// `done` is called on the thread that runs `io`, which outlives it.
Transport over_https(boost::asio::io_context& io);

}  // namespace arbortls::issuance
