#pragma once
// A caller of orders with a clock of its own, a CA in memory and files in memory.

#include "acme/order.hpp"
#include "fake_ca.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::acme::test {

struct End {
  std::optional<Done> done;
  std::optional<Failure> failure;
  bool stopped = false;  // the process ended before the order did

  FailureKind kind() const { return failure ? failure->kind : FailureKind{99}; }
  std::string text() const { return failure ? failure->text : "no failure"; }
};

class World {
 public:
  World();

  FakeCa ca;
  std::int64_t now = arbortls::test::test_now;
  AccountSettings settings{ca_url + "/directory", "admin@a.example"};
  std::shared_ptr<const AccountKey> key;

  int steps_until_stop = -1;       // the process ends before that many steps are carried out...
  bool last_request_sent = false;  // ... or once the CA, but not the process, has seen that request
  std::int64_t reply_takes = 0;    // seconds
  int lost_replies = 0;            // of that many next requests
  bool publishing_fails = false;

  std::vector<Challenge> published{};  // what a CA can see
  std::vector<Challenge> ever_published{};
  std::vector<std::int64_t> waits{};  // how long each was

  // Files of the process.
  std::string account_file{};
  std::string order_file{};

  // In one life of a process.
  End run(const Wish& wish);
  End run(const std::string& name) { return run(wish_for({name})); }
  static Wish wish_for(std::vector<std::string> names);

  int count(const std::string& logged) const;  // how often the CA's log has it as a beginning

 private:
  Step carry_out(Order& order, const Step& step);
  bool stops(const Step& step);

  int steps_ = 0;
};

}  // namespace arbortls::acme::test
