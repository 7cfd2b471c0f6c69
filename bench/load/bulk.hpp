#pragma once
// Bytes in one direction as fast as they go.

#include "load/steps.hpp"
#include "load/target.hpp"

#include <boost/json/object.hpp>

#include <cstdint>

namespace arbortls::bench {

struct BulkOptions {
  std::size_t connections = 4;
  std::uint64_t bytes = 256'000'000;  // on all connections together
  bool upload = false;
  int deadline_s = 60;
};

// {bytes, seconds, mb_per_second}; 1 MB = 10^6 bytes.
Result<boost::json::object> run_bulk(const TargetOptions& target, const BulkOptions& options,
                                     const Steps& steps);

}  // namespace arbortls::bench
