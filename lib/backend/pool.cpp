#include "backend/pool.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

namespace arbortls::backend {
namespace {

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
constexpr int longest_backoff = 30;  // seconds

// Rendezvous hashing: a server that leaves moves only its own clients.
std::size_t weight(std::size_t client_hash, const std::string& server) {
  std::size_t h = client_hash ^ (std::hash<std::string>{}(server) * 0x9e3779b97f4a7c15ull);
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93ull;
  return h ^ (h >> 32);
}

}  // namespace

void Server::failed(Clock::time_point now) noexcept {
  failures.add();
  const int in_a_row = down(now) ? failures_in_a_row_.load(std::memory_order_relaxed)
                                 : failures_in_a_row_.fetch_add(1, std::memory_order_relaxed) + 1;
  const int seconds = in_a_row > 5 ? longest_backoff : 1 << std::max(in_a_row - 1, 0);
  down_until_.store((now + std::chrono::seconds(seconds)).time_since_epoch().count(),
                    std::memory_order_relaxed);
}

void Server::succeeded() noexcept {
  if (failures_in_a_row_.load(std::memory_order_relaxed) == 0) return;
  failures_in_a_row_.store(0, std::memory_order_relaxed);
  down_until_.store(0, std::memory_order_relaxed);
}

bool Server::down(Clock::time_point now) const noexcept {
  return now.time_since_epoch().count() < down_until_.load(std::memory_order_relaxed);
}

void Tried::add(std::size_t index) {
  if (bits_.size() <= index) bits_.resize(index + 1);
  bits_[index] = true;
}

Pool::Pool(PoolOptions options, std::vector<ServerPtr> servers)
    : options_(std::move(options)), servers_(std::move(servers)) {}

std::size_t Pool::best(std::size_t client_hash, const Tried& tried, Clock::time_point now,
                       bool down) const {
  // Starting at the turn makes round robin of whatever the rule below leaves equal.
  const std::size_t start = options_.balance == Balance::source_hash
                                ? 0
                                : turn_.fetch_add(1, std::memory_order_relaxed);
  std::size_t found = none;
  std::size_t found_rank = 0;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const std::size_t at = (start + i) % servers_.size();
    const Server& server = *servers_[at];
    if (tried.has(at) || server.down(now) != down) continue;
    std::size_t rank = 0;  // lower is better
    if (options_.balance == Balance::least_conn) {
      rank = static_cast<std::size_t>(std::max<std::int64_t>(server.active.value(), 0));
    } else if (options_.balance == Balance::source_hash) {
      rank = ~weight(client_hash, server.name());
    }
    if (found == none || rank < found_rank) {
      found = at;
      found_rank = rank;
    }
  }
  return found;
}

ServerPtr Pool::pick(std::size_t client_hash, Tried& tried, Clock::time_point now) const {
  std::size_t at = best(client_hash, tried, now, false);
  if (at == none) at = best(client_hash, tried, now, true);
  if (at == none) return nullptr;
  tried.add(at);
  return servers_[at];
}

const net::Address* Pool::next_source() const noexcept {
  if (options_.sources.empty()) return nullptr;
  return &options_.sources[source_turn_.fetch_add(1, std::memory_order_relaxed) %
                           options_.sources.size()];
}

}  // namespace arbortls::backend
