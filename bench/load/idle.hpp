#pragma once
// Connections that stand and say nothing, so that their memory can be weighed.

#include "load/steps.hpp"
#include "load/target.hpp"

#include <boost/json/object.hpp>

#include <cstddef>

namespace arbortls::bench {

struct IdleOptions {
  std::size_t connections = 2000;
  int hold_s = 0;  // how long they stand when nobody else says when to end
  int deadline_s = 60;
};

// Each connection has had one message there and back before it goes idle. {count, ended_early}.
Result<boost::json::object> run_idle(const TargetOptions& target, const IdleOptions& options,
                                     const Steps& steps);

}  // namespace arbortls::bench
