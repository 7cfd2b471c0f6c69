#pragma once
// ControlServer: HTTP/1.1 over a UNIX stream socket, for the command line and for curl. It knows
// requests and answers; what they mean is the Handler's.
//
// Bounds: at most max_connections at a time (the one that has been silent longest makes room; if
// all are busy the new one gets 503), 8 kB of header, 64 kB of body, 30 s of silence. A slow or
// malformed client costs only its own connection.

#include "admin/message.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace arbortls::admin {

// May be called once, at once or later, on the io_context's thread; more calls do nothing. When all
// copies are gone without a call the client gets 500. Safe to call after the server is gone.
using Reply = std::function<void(Response)>;
using Handler = std::function<void(Request, Reply)>;

struct ControlOptions {
  std::chrono::milliseconds idle_timeout{30'000};
  std::size_t max_connections = 64;
};

class ControlServer {
 public:
  // Listens on `path` (mode 0660). Creates the directory (0750) if it is missing; replaces a socket
  // that nobody answers on; an Error says what stands in the way otherwise. `io` must outlive the
  // server; everything happens on its thread.
  static Result<std::unique_ptr<ControlServer>> start(boost::asio::io_context& io,
                                                      const std::string& path, Handler handler,
                                                      ControlOptions options = {});
  // Closes every connection (answers already given still arrive) and unlinks the socket if it is
  // still ours. Call it on io's thread, or when io no longer runs.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  std::size_t connections() const noexcept;

 private:
  struct Impl;
  explicit ControlServer(std::shared_ptr<Impl> impl) noexcept;
  std::shared_ptr<Impl> impl_;  // shared with operations under way
};

}  // namespace arbortls::admin
