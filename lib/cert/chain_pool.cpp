#include "cert/digest.hpp"
#include "cert/known_issuers.hpp"
#include "cert/load.hpp"
#include "cert/parsed.hpp"
#include "cert/tools.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace arbortls::cert {
namespace {

// Twice as many are kept at most: a few MB. There are few authorities, and a text of an authority
// of its own need not be remembered.
constexpr std::size_t most_recent = 128;

}  // namespace

ChainPool::ChainPool() : issuers_(std::make_unique<KnownIssuers>()) {}
ChainPool::~ChainPool() = default;

std::size_t ChainPool::DigestHash::operator()(const Digest& digest) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

Der ChainPool::keep(Bytes der) {
  der.shrink_to_fit();
  const Digest digest = sha256(der);
  return keep(digest, std::make_shared<const Bytes>(std::move(der)));
}

Der ChainPool::keep(const Digest& sha256, Der der) {
  const std::lock_guard lock(mutex_);
  auto& entry = known_[sha256];
  if (Der kept = entry.lock()) return kept;
  entry = der;
  if (known_.size() >= next_sweep_) {
    std::erase_if(known_, [](const auto& item) { return item.second.expired(); });
    next_sweep_ = std::max<std::size_t>(1024, known_.size() * 2);
  }
  return der;
}

ParsedPtr ChainPool::find(const Digest& sha256) {
  const std::lock_guard lock(mutex_);
  if (const auto found = recent_.find(sha256); found != recent_.end()) return found->second;
  const auto found = earlier_.find(sha256);
  if (found == earlier_.end()) return nullptr;
  recent_.insert(earlier_.extract(found));
  return recent_[sha256];
}

void ChainPool::remember(ParsedPtr member) {
  if (!member->whole) return;
  Parsed forgotten;  // freed when others may go on
  const std::lock_guard lock(mutex_);
  if (recent_.contains(member->sha256)) return;
  if (recent_.size() >= most_recent) {
    forgotten = std::exchange(earlier_, std::exchange(recent_, {}));
  }
  const Digest digest = member->sha256;
  recent_.emplace(digest, std::move(member));
}

std::unique_ptr<Tools> ChainPool::borrow_tools() {
  const std::lock_guard lock(mutex_);
  if (tools_.empty()) {
    // So that giving back needs no memory.
    tools_.reserve(++made_tools_);
    return std::make_unique<Tools>();
  }
  auto tools = std::move(tools_.back());
  tools_.pop_back();
  return tools;
}

void ChainPool::give_back(std::unique_ptr<Tools> tools) noexcept {
  const std::lock_guard lock(mutex_);
  tools_.push_back(std::move(tools));
}

}  // namespace arbortls::cert
