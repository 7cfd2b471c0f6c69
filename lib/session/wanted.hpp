#pragma once
// Wanted: the domains whose certificate some handshake waits for, told by the handshake lane to
// whoever reads them. Any thread may call.

#include "base/wake_up.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace arbortls::session {

class Wanted {
 public:
  void add(const std::string& domain);
  // All since the last call; one may be there more than once.
  std::vector<std::string> take();
  // Readable while take() has something to give.
  int descriptor() const noexcept { return wake_.descriptor(); }

 private:
  WakeUp wake_;
  std::mutex mutex_;
  std::vector<std::string> domains_;
};

}  // namespace arbortls::session
