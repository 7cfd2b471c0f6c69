#include "cert/digest.hpp"
#include "cert/load.hpp"

#include <algorithm>

namespace arbortls::cert {

Der ChainPool::keep(Bytes der) {
  const Digest digest = sha256(der);
  std::string name(digest.begin(), digest.end());
  const std::lock_guard lock(mutex_);
  auto& entry = known_[std::move(name)];
  if (Der kept = entry.lock()) return kept;
  der.shrink_to_fit();
  Der fresh = std::make_shared<const Bytes>(std::move(der));
  entry = fresh;
  if (known_.size() >= next_sweep_) {
    std::erase_if(known_, [](const auto& item) { return item.second.expired(); });
    next_sweep_ = std::max<std::size_t>(1024, known_.size() * 2);
  }
  return fresh;
}

}  // namespace arbortls::cert
