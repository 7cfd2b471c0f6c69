#pragma once
// The limit: the same OpenSSL doing the server's part in memory, with no sockets and nothing around
// it.

#include "base/result.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>

namespace arbortls::bench {

struct InMemoryOptions {
  std::string pem;  // the server's key and chain
  std::string tls = "1.3";
  std::size_t handshakes = 2000;
  std::size_t messages = 100'000;  // of 400 bytes, there and back
  std::size_t bytes = 300'000'000;
};

// The server's CPU time alone: {handshake_us, resumed_us, message_us, download_s_per_gb,
// upload_s_per_gb}.
Result<boost::json::object> run_in_memory(const InMemoryOptions& options);

}  // namespace arbortls::bench
