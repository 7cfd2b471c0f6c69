#pragma once
// The Office makes certificates: it knows which domains want one, orders the most urgent first, renews, keeps what has
// to survive a restart, and puts what it gets where an operator would have put it. What is put there is taken up by
// whoever watches the files. Everything is called on the thread that runs its io_context.

#include "acme/budget.hpp"
#include "acme/challenges.hpp"
#include "acme/ledger.hpp"
#include "acme/queue.hpp"
#include "authority/directory.hpp"
#include "hook/runner.hpp"
#include "issuance/asking.hpp"
#include "issuance/ca.hpp"
#include "issuance/job.hpp"
#include "issuance/options.hpp"
#include "issuance/proofs.hpp"
#include "issuance/report.hpp"
#include "issuance/subject.hpp"
#include "log/logger.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace arbortls::issuance {

class Office {
 public:
  struct Parts {
    std::string directory;  // 0700, made if missing: ledger, account keys
    std::string authority;  // the local CA's directory
    std::shared_ptr<acme::Challenges> challenges;
    log::Logger& logger;
    std::function<std::int64_t()> clock;  // Unix seconds
    Transport transport;
    // Clocks jump: no timer is believed for longer.
    std::chrono::milliseconds longest_sleep{60'000};
  };
  using Told = std::function<void(Result<std::string>)>;  // once; a sentence for an operator

  Office(boost::asio::io_context& io, Parts parts);
  ~Office();

  // What is served now and how the office is to work.
  void follow(std::shared_ptr<const tls::Site> site, Options options);
  // Makes a new certificate whatever the old one's age; told when it is made, or why not.
  void renew(const std::string& domain, Told told);
  // Has the CA revoke what is in use, and makes a new one with a new key.
  void revoke(const std::string& domain, Told told);
  Report report() const;
  // What would be done, with all that can be checked without ordering anything.
  void rehearse(std::function<void(std::vector<Rehearsed>)> told);
  // Saves, cancels what is under way; nothing is told any more.
  void stop();

 private:
  struct Case {
    Subject subject;
    std::string reason;         // why it is due
    std::int64_t due = 0;       // when; Queue::never: it is not
    std::shared_ptr<Job> job;   // null: nothing is under way
    std::string probe;          // token by which it is seen that the names reach us; "": none is under way
    std::string awaited;        // ID of the certificate that was put in place and is not in force yet
    std::int64_t awaited_since = 0;
    bool now = false;           // an operator wants it at once
    bool new_key = false;
    std::vector<Told> told;
  };
  using Cases = std::map<std::string, Case, std::less<>>;

  // office.cpp
  std::string ledger_file() const;
  void take_up();
  void take_up(Subject subject);
  void see_certificate(Case& each);
  void drop_job(Case& each);
  void let_go(Cases::iterator gone);
  void line_up(Case& each);
  void work();
  void watch_hooks();
  void save_soon();
  bool save();
  double chance();

  // office_orders.cpp
  void begin(const std::string& domain);
  bool within_budget(const Ca& ca, const acme::Ledger::Domain& entry);
  std::shared_ptr<Ca> ca_of(const tls::Automatic& settings, acme::Failure& why);
  void order(Case& each, std::shared_ptr<Ca> ca);
  void issue_locally(Case& each);
  Result<authority::Leaf> local_leaf(const Subject& subject);
  authority::Permitted permitted_names() const;
  void finish(const std::string& domain, Job::Outcome outcome);
  void succeed(Case& each, std::string pem);
  void fail(Case& each, const acme::Failure& failure);
  void keep_account(const Ca& ca);
  void pause(const std::string& account, std::int64_t until);  // 0: no longer
  void tell(Case& each, const Result<std::string>& news);
  void notify(const char* event, const config::CommandLine& command, const Case& each, const std::string& text);

  // office_check.cpp
  void check(Case& each, std::shared_ptr<Ca> ca);
  using Reached = std::function<void(std::string trouble)>;  // "": all names do
  void reach(std::vector<std::string> names, const std::string& token, Reached told);
  std::string make_token();

  // office_advice.cpp: when the CAs suggest to renew (RFC 9773)
  void ask_advice();
  void take_advice(const std::string& domain, const Answer& answer);

  boost::asio::io_context& io_;
  Parts parts_;
  Options options_;
  std::shared_ptr<const tls::Site> site_;
  acme::Ledger ledger_;
  acme::Queue queue_;
  Cases cases_;
  std::map<std::string, std::shared_ptr<Ca>> cas_;  // by account
  std::mt19937_64 random_{std::random_device{}()};

  hook::Runner runner_;
  Proofs proofs_;
  boost::asio::posix::stream_descriptor hooks_;

  boost::asio::steady_timer look_timer_;
  boost::asio::steady_timer work_timer_;
  boost::asio::steady_timer save_timer_;
  std::set<std::pair<std::int64_t, std::string>> polls_;  // when to ask for advice, and for which domain
  bool looking_ = false;
  bool saving_ = false;
  bool asking_ = false;
  bool stopped_ = false;
  std::string save_trouble_;
};

}  // namespace arbortls::issuance
