#pragma once
// The Issuer is an Office on a thread of its own. Any thread may call.

#include "acme/challenges.hpp"
#include "base/result.hpp"
#include "issuance/options.hpp"
#include "issuance/report.hpp"
#include "log/logger.hpp"
#include "tls/site.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace arbortls::issuance {

class Issuer {
 public:
  struct Setting {
    std::string state_dir;  // its acme/ and ca/ are used, and made when they are needed
    std::shared_ptr<acme::Challenges> challenges;
    log::Logger& logger;
    std::function<std::int64_t()> clock;  // Unix seconds
    std::function<void()> on_start;       // on the new thread, before anything else
  };
  // Called on the issuer's thread; never once stop() has returned.
  using Told = std::function<void(Result<std::string>)>;

  explicit Issuer(Setting setting);
  ~Issuer();  // stop()

  void follow(std::shared_ptr<const tls::Site> site, Options options);
  void renew(std::string domain, Told told);
  void revoke(std::string domain, Told told);
  void report(std::function<void(Report)> told);
  void rehearse(std::function<void(std::vector<Rehearsed>)> told);
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arbortls::issuance
