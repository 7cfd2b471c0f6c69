#pragma once
// One connection of the control socket: read a request, hand it over, write the answer, again.
// Inner part of ControlServer.

#include "admin/control_server.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace arbortls::admin {

using LocalSocket = boost::asio::local::stream_protocol::socket;

class ControlSession : public std::enable_shared_from_this<ControlSession> {
 public:
  using Clock = std::chrono::steady_clock;
  using Ended = std::function<void(const ControlSession*)>;  // called once, by close()

  ControlSession(LocalSocket socket, std::chrono::milliseconds idle_timeout, Handler handler,
                 Ended ended);
  ~ControlSession();
  ControlSession(const ControlSession&) = delete;
  ControlSession& operator=(const ControlSession&) = delete;

  void read();                     // waits for the next request
  void refuse(Response response);  // writes it, then closes
  void answer(Response response);  // what the handler said
  void close();                    // at once; harmless when closed already

  bool waits_for_client() const noexcept;
  Clock::time_point waits_since() const noexcept;

 private:
  struct Http;
  void received();
  void write(Response response, bool keep_alive);

  std::unique_ptr<Http> http_;
  std::chrono::milliseconds idle_timeout_;
  Handler handler_;
  Ended ended_;
};

}  // namespace arbortls::admin
