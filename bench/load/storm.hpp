#pragma once
// Phones that are all cut off at one moment and come back as JsSIP does.

#include "load/steps.hpp"
#include "load/target.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>

namespace arbortls::bench {

struct StormOptions {
  std::size_t clients = 5000;
  std::size_t size = 400;    // bytes of a message; a client is served once one is back
  int interval_ms = 30'000;  // between two messages of one client, while it stands
  int hold_ms = 1000;        // from "ready" to the cut
  int back_ms = 2000;        // from the cut, or from a failed attempt, to the next attempt
  int give_up_ms = 4000;     // an attempt that is not served by then has failed
  bool resume = false;       // each client offers its own ticket
  int deadline_s = 120;
};

// Tells "ready" when all stand, "cut" when they are cut, and waits for whoever measures at the
// first. {clients, served, resumed, attempts, failed_attempts, over_5s, lost_again, last_served_s,
// waited: {percentiles}}; times count from the cut.
Result<boost::json::object> run_storm(const TargetOptions& target, const StormOptions& options,
                                      const Steps& steps);

}  // namespace arbortls::bench
