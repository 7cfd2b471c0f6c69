#pragma once
// ACME messages over HTTPS. One thread.

#include "acme/message.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <string>

namespace arbortls::issuance {

// `done` is called once, on the thread that runs `io`, never from within; an error means that no reply came.
void send(boost::asio::io_context& io, const acme::Request& request, const std::string& ca_file,
          std::function<void(Result<acme::Reply>)> done);

}  // namespace arbortls::issuance
