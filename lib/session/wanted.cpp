#include "session/wanted.hpp"

#include <utility>

namespace arbortls::session {

void Wanted::add(const std::string& domain) {
  {
    const std::lock_guard lock(mutex_);
    domains_.push_back(domain);
    if (domains_.size() > 1) return;
  }
  wake_.ring();
}

std::vector<std::string> Wanted::take() {
  wake_.hush();
  const std::lock_guard lock(mutex_);
  return std::exchange(domains_, {});
}

}  // namespace arbortls::session
