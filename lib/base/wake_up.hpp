#pragma once
// WakeUp makes a thread that polls descriptors look up: a descriptor that any thread can make
// readable (eventfd(2)).

#include "base/unique_fd.hpp"

namespace arbortls {

class WakeUp {
 public:
  // Where the kernel has no descriptor left, descriptor() is -1 and errno tells.
  WakeUp() noexcept;

  void ring() const noexcept;
  // No longer readable until the next ring().
  void hush() const noexcept;
  int descriptor() const noexcept { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace arbortls
