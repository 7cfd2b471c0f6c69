#pragma once
// One connection to the backend.

#include "load/event_loop.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace arbortls::bench {

class BackendSession final : public Handler {
 public:
  // `gone` is called once, when the session has ended; it may destroy the session.
  BackendSession(UniqueFd fd, std::function<void(BackendSession&)> gone)
      : fd_(std::move(fd)), gone_(std::move(gone)) {}

  int fd() const noexcept { return fd_.get(); }
  void on_ready(std::uint32_t events) override;

 private:
  enum class Progress { blocked, ended };

  Progress read_all();
  void take(const char* data, std::size_t size);
  void begin();
  bool send_out();

  UniqueFd fd_;
  std::function<void(BackendSession&)> gone_;
  std::string header_;  // first bytes, until the wish is known
  bool echo_ = false;
  std::string echo_out_;  // echoed bytes the peer has not taken yet
  std::uint64_t to_send_ = 0;
  std::uint64_t to_take_ = 0;
};

}  // namespace arbortls::bench
