#include "load/idle.hpp"

#include "load/fleet.hpp"

namespace arbortls::bench {
namespace {

class Idle final : public ClientEvents {
 public:
  std::size_t ended() const { return ended_; }

 private:
  void on_open(Client&) override {}
  void on_data(Client&, std::string_view) override {}
  void on_end(Client&, End) override { ++ended_; }

  std::size_t ended_ = 0;
};

}  // namespace

Result<boost::json::object> run_idle(const TargetOptions& target_options,
                                     const IdleOptions& options, const Steps& steps) {
  auto loop = EventLoop::make();
  if (!loop) return loop.error();
  auto target = Target::make(target_options);
  if (!target) return target.error();
  Idle idle;
  Fleet fleet(*loop, *target, options.connections);
  const auto deadline = Clock::now() + std::chrono::seconds(options.deadline_s);
  const auto opened = fleet.open(deadline, "E" + std::string(399, 'x'), idle);
  if (!opened) return opened.error();
  steps.tell_and_wait("ready");
  loop->run(Clock::now() + std::chrono::seconds(options.hold_s), [] { return false; });
  // One more look, so that connections the server dropped meanwhile are noticed.
  loop->turn(Clock::now());
  const std::size_t ended_early = idle.ended();
  if (ended_early == 0) fleet.close(Clock::now() + std::chrono::seconds(10));
  return boost::json::object{{"count", options.connections}, {"ended_early", ended_early}};
}

}  // namespace arbortls::bench
