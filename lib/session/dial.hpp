#pragma once
// A Dial is one connection's way to a backend server: which servers were tried, the connection being made, and what
// is to be said first. It is let go once bytes flow.

#include "backend/pool.hpp"
#include "base/unique_fd.hpp"
#include "session/reasons.hpp"

#include <cstddef>
#include <string>

namespace arbortls::session {

class Dial {
 public:
  // `opening` is the PROXY header, or "". `failures` counts each server that could not be reached.
  Dial(backend::PoolPtr pool, std::size_t client_hash, std::string opening, metrics::Counter& failures)
      : pool_(std::move(pool)),
        client_hash_(client_hash),
        opening_(std::move(opening)),
        failures_(failures) {}

  // Starts connecting to the next server; an empty descriptor when none is left.
  UniqueFd next(backend::Clock::time_point now);
  // The connection of the last next() came to nothing: marks and counts it.
  void failed(backend::Clock::time_point now);
  void succeeded();

  const backend::PoolPtr& pool() const noexcept { return pool_; }
  const backend::ServerPtr& server() const noexcept { return server_; }
  // What goes to the backend before anything else: the PROXY header and what the client has said.
  std::string& opening() noexcept { return opening_; }
  // backend_unavailable or no_source_port.
  EndReason reason() const noexcept { return reason_; }

 private:
  backend::PoolPtr pool_;
  std::size_t client_hash_;
  std::string opening_;
  metrics::Counter& failures_;
  backend::Tried tried_;
  backend::ServerPtr server_;
  EndReason reason_ = EndReason::backend_unavailable;
};

}  // namespace arbortls::session
