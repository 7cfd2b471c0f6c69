#pragma once
// What every load on connections that stand has in common: open them all, measure, end them in an
// orderly way.

#include "load/fleet.hpp"
#include "load/steps.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>

namespace arbortls::bench {

// One kind of load. A connection that ends before time fails the run.
class StandingLoad : public ClientEvents {
 public:
  virtual ~StandingLoad() = default;

  // What each connection sends and takes back before the measurement; empty: nothing.
  virtual std::string greeting() const { return {}; }

  // The measurement begins now.
  virtual void begin(Clients& clients) = 0;

  // Sends what is due and says when to be asked again.
  virtual TimePoint send_due() { return TimePoint::max(); }

  virtual bool done() const = 0;
  virtual boost::json::object figures(Clock::duration took) = 0;

  const std::string& failure() const noexcept { return failure_; }

 protected:
  void fail(std::string why) { failure_ = std::move(why); }

 private:
  void on_open(Client&) final {}
  void on_end(Client& client, End) final { fail("a connection ended: " + client.why()); }

  std::string failure_;
};

// Tells "ready" and "measured" and waits for whoever measures at both. The load's figures, or why
// there are none.
Result<boost::json::object> run_standing(const TargetOptions& target, std::size_t connections,
                                         int deadline_s, StandingLoad& load, const Steps& steps);

}  // namespace arbortls::bench
