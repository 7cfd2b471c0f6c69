#pragma once
// Publishing what a CA looks for: tokens and challenge certificates in the daemon itself, DNS records by a program of
// the operator's. One thread.

#include "acme/challenges.hpp"
#include "base/result.hpp"
#include "config/automatic.hpp"
#include "hook/runner.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace arbortls::issuance {

class Proofs {
 public:
  // `runner` outlives it.
  Proofs(std::shared_ptr<acme::Challenges> challenges, hook::Runner& runner)
      : challenges_(std::move(challenges)), runner_(runner) {}

  void run_as(std::string user) { user_ = std::move(user); }

  // `done` is called once, maybe from within. `dns_hook` is told ARBORTLS_EVENT=dns-add, ARBORTLS_RECORD,
  // ARBORTLS_VALUE, ARBORTLS_DOMAIN, and ends when the record can be seen.
  void publish(const acme::Challenge& challenge, const config::CommandLine& dns_hook, std::int64_t now,
               std::function<void(Result<void>)> done);
  // What fails here is the hook's to tell: nobody waits for it. ARBORTLS_EVENT=dns-remove.
  void unpublish(const acme::Challenge& challenge, const config::CommandLine& dns_hook);

 private:
  void run(const char* event, const acme::Challenge& challenge, const config::CommandLine& dns_hook,
           hook::Runner::Done done);

  std::shared_ptr<acme::Challenges> challenges_;
  hook::Runner& runner_;
  std::string user_;
};

}  // namespace arbortls::issuance
