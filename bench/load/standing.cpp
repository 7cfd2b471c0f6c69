#include "load/standing.hpp"

#include <algorithm>

namespace arbortls::bench {

Result<boost::json::object> run_standing(const TargetOptions& target_options,
                                         std::size_t connections, int deadline_s,
                                         StandingLoad& load, const Steps& steps) {
  auto loop = EventLoop::make();
  if (!loop) return loop.error();
  auto target = Target::make(target_options);
  if (!target) return target.error();
  const auto deadline = Clock::now() + std::chrono::seconds(deadline_s);
  Fleet fleet(*loop, *target, connections);
  const auto opened = fleet.open(deadline, load.greeting(), load);
  if (!opened) return opened.error();
  steps.tell_and_wait("ready");
  const auto start = Clock::now();
  load.begin(fleet.clients());
  const auto over = [&load] { return load.done() || !load.failure().empty(); };
  while (!over() && Clock::now() < deadline) loop->turn(std::min(load.send_due(), deadline));
  const auto took = Clock::now() - start;
  steps.tell_and_wait("measured");
  if (!load.failure().empty()) return error(load.failure());
  if (!load.done()) return error("not all of it came through in time");
  fleet.close(Clock::now() + std::chrono::seconds(5));
  return load.figures(took);
}

}  // namespace arbortls::bench
