#pragma once
// A Snapshot is all that sessions read: what to choose from and where to connect. Immutable and replaced whole; a
// connection keeps what it started with.

#include "backend/pool.hpp"
#include "net/endpoint.hpp"
#include "session/admission.hpp"
#include "tls/site.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace arbortls::session {

struct ListenerRules {
  net::AddressSet accept_proxy;
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds proxy_header_timeout{3'000};
  std::chrono::milliseconds handshake_patience{4'000};  // 0 = none is dropped for its wait
};

struct Snapshot {
  tls::Site site;
  std::vector<ListenerRules> rules;  // as many as site.listeners, in the same order
  std::map<std::string, backend::PoolPtr, std::less<>> backends;
  AdmissionRules admission;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace arbortls::session
