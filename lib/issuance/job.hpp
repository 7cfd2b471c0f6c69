#pragma once
// A Job is the making of one subject's certificate: an order for each type of key it wants, one after the other, to
// one text. One thread; whoever drops it early calls cancel().

#include "acme/failure.hpp"
#include "acme/order.hpp"
#include "acme/renewal.hpp"
#include "issuance/ca.hpp"
#include "issuance/proofs.hpp"
#include "issuance/subject.hpp"
#include "issuance/transport.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::issuance {

class Job : public std::enable_shared_from_this<Job> {
 public:
  struct Outcome {
    std::string pem;  // key, certificate, chain of each type; secret. "" on a failure
    acme::Life life;
    std::optional<acme::Failure> failure;
  };
  struct Setting {
    boost::asio::io_context& io;
    Transport transport;
    Proofs& proofs;
    std::function<std::int64_t()> clock;  // Unix seconds
    std::chrono::milliseconds longest_sleep;  // clocks jump: no timer is believed for longer
    // Keeps what has to survive a restart, before the next step is taken. "": nothing any more.
    std::function<void(std::string order_state)> keep;
    std::function<void(Outcome)> done;  // once, at the end; not after cancel()
  };

  // `earlier` is what was kept of an order that a restart has cut off.
  Job(Setting setting, std::shared_ptr<Ca> ca, Subject subject, std::string replaces, const std::string& earlier);
  ~Job();

  void start();
  void cancel();

  const Subject& subject() const noexcept { return subject_; }
  std::string doing() const;  // for an operator

 private:
  void next_order();
  void carry(acme::Step step);
  void carry_out(const acme::Send& send);
  void carry_out(const acme::Publish& publish);
  void carry_out(const acme::Wait& wait);
  void carry_out(acme::Done& done);
  void carry_out(const acme::Failed& failed);
  void keep();
  void unpublish();
  void end(std::optional<acme::Failure> failure);
  template <class F>
  auto guarded(F f);

  Setting setting_;
  std::shared_ptr<Ca> ca_;
  Subject subject_;
  std::vector<acme::Wish> wishes_;  // still to be made, the next one last
  std::optional<acme::OrderState> earlier_;
  std::unique_ptr<acme::Order> order_;
  boost::asio::steady_timer timer_;
  std::string made_;  // texts; secret
  acme::Life life_;
  bool over_ = false;
};

}  // namespace arbortls::issuance
