#include "base/wake_up.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace arbortls {

WakeUp::WakeUp() noexcept : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void WakeUp::ring() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(fd_.get(), &one, sizeof one);
}

void WakeUp::hush() const noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto n = ::read(fd_.get(), &count, sizeof count);
}

}  // namespace arbortls
