#pragma once
// A Pool is one backend: its servers, how one is chosen, and which are marked down. It knows addresses and
// outcomes; it opens no connection itself. Any number of threads may use one.

#include "metrics/counter.hpp"
#include "net/endpoint.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::backend {

using Clock = std::chrono::steady_clock;

enum class Balance { least_conn, round_robin, source_hash };
enum class SendProxy { none, v1, v2 };

// One server. Outlives reloads that keep its address, so that its state is not forgotten.
class Server {
 public:
  Server(std::string name, net::Address address) : name_(std::move(name)), address_(address) {}

  const std::string& name() const noexcept { return name_; }  // as configured
  const net::Address& address() const noexcept { return address_; }

  // A failed server is passed over for 1 s, doubling with each further failure up to 30 s. Failures while it is down
  // prolong that without doubling: a crowd that meets one outage is one failure.
  void failed(Clock::time_point now) noexcept;
  void succeeded() noexcept;
  bool down(Clock::time_point now) const noexcept;

  metrics::Gauge active;       // connections held now
  metrics::Counter connected;  // ever
  metrics::Counter failures;

 private:
  std::string name_;
  net::Address address_;
  std::atomic<int> failures_in_a_row_{0};
  std::atomic<Clock::rep> down_until_{0};
};

using ServerPtr = std::shared_ptr<Server>;

struct PoolOptions {
  std::string name;
  Balance balance = Balance::least_conn;
  SendProxy send_proxy = SendProxy::none;
  bool connect_early = false;
  Clock::duration connect_timeout = std::chrono::seconds(5);
  std::optional<Clock::duration> health_check;  // interval
  std::vector<net::Address> sources;            // connect from these in turn; empty: the system chooses
};

// Which servers of a pool one connection has tried.
class Tried {
 public:
  bool has(std::size_t index) const noexcept { return index < bits_.size() && bits_[index]; }
  void add(std::size_t index);

 private:
  std::vector<bool> bits_;
};

class Pool {
 public:
  Pool(PoolOptions options, std::vector<ServerPtr> servers);

  const PoolOptions& options() const noexcept { return options_; }
  const std::vector<ServerPtr>& servers() const noexcept { return servers_; }

  // The next server to try and a mark in `tried`; null when all have been. Servers that are down come last: when
  // nothing else is left they are tried too, so a backend that returns is used at once.
  ServerPtr pick(std::size_t client_hash, Tried& tried, Clock::time_point now) const;

  // Null when the system is to choose.
  const net::Address* next_source() const noexcept;

 private:
  std::size_t best(std::size_t client_hash, const Tried& tried, Clock::time_point now, bool down) const;

  PoolOptions options_;
  std::vector<ServerPtr> servers_;
  mutable std::atomic<std::size_t> turn_{0};
  mutable std::atomic<std::size_t> source_turn_{0};
};

using PoolPtr = std::shared_ptr<const Pool>;

}  // namespace arbortls::backend
