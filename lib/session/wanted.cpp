#include "session/wanted.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace arbortls::session {

Wanted::Wanted() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Wanted::add(const std::string& domain) {
  {
    const std::lock_guard lock(mutex_);
    domains_.push_back(domain);
    if (domains_.size() > 1) return;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(wake_.get(), &one, sizeof one);
}

std::vector<std::string> Wanted::take() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto n = ::read(wake_.get(), &count, sizeof count);
  const std::lock_guard lock(mutex_);
  return std::exchange(domains_, {});
}

}  // namespace arbortls::session
