#pragma once
// A descriptor written to without ever blocking for longer than asked, whoever else shares it. Used by one thread.

#include "base/unique_fd.hpp"

#include <atomic>
#include <string_view>

namespace arbortls::log {

class Descriptor {
 public:
  // `descriptor` is not owned. Its flags are left alone: others may share its open file description.
  explicit Descriptor(int descriptor);

  // Writes all of `bytes`, waiting for room until `give_up` turns true (seen within 20 ms). False: not all written.
  // Raises no signal where the kernel allows that (sockets); the caller keeps SIGPIPE blocked for the rest.
  bool write_all(std::string_view bytes, const std::atomic<bool>& give_up);

 private:
  enum class Kind { socket, stream, file };
  long write_some(std::string_view bytes) const;
  bool wait_for_room(const std::atomic<bool>& give_up) const;

  int descriptor_;
  Kind kind_ = Kind::file;
  UniqueFd own_;  // a second open of the same pipe or terminal, non-blocking
};

}  // namespace arbortls::log
