#pragma once
// The command line's side of the control socket: one request, one answer, blocking.

#include "admin/message.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <stdexcept>
#include <string>

namespace arbortls::admin {

enum class ClientFailure {
  not_running,  // no socket there, or nobody answers on it
  forbidden,    // the socket's permissions
  timed_out,
  broken,  // the connection ended early, or the answer is not HTTP
};

struct ClientError {
  ClientFailure failure = ClientFailure::broken;
  std::string message;
};

[[noreturn]] inline void throw_exception_from_error(const ClientError& e,
                                                    const boost::source_location&) {
  throw std::runtime_error(e.message);
}

// `target` is a path with its query, encoded. `timeout` bounds the whole of it. Any HTTP status is
// an answer, not an error.
boost::system::result<Response, ClientError> request(const std::string& socket_path,
                                                     const std::string& method,
                                                     const std::string& target,
                                                     const std::string& body,
                                                     std::chrono::milliseconds timeout);

}  // namespace arbortls::admin
