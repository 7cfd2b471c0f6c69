#include "issuance/proofs.hpp"

#include <chrono>

namespace arbortls::issuance {
namespace {

constexpr auto dns_deadline = std::chrono::minutes(10);  // zones may take their time to spread

}  // namespace

void Proofs::run(const char* event, const acme::Challenge& challenge, const config::CommandLine& dns_hook,
                 hook::Runner::Done done) {
  hook::Program program;
  program.argv = dns_hook;
  if (!user_.empty()) program.user = user_;
  program.deadline = dns_deadline;
  runner_.run(std::move(program),
              {{"event", event},
               {"domain", challenge.identifier},
               {"record", challenge.record_name()},
               {"value", challenge.record_value()}},
              std::move(done));
}

void Proofs::publish(const acme::Challenge& challenge, const config::CommandLine& dns_hook, std::int64_t now,
                     std::function<void(Result<void>)> done) {
  if (challenge.type != acme::ChallengeType::dns_01) return done(challenges_->add(challenge, now));
  if (dns_hook.empty()) return done(error("dns-01 needs a program: set acme_dns_hook"));
  run("dns-add", challenge, dns_hook, [done = std::move(done)](const hook::Outcome& outcome) {
    if (outcome.succeeded()) return done({});
    done(error("acme_dns_hook: " + hook::describe(outcome) + (outcome.output.empty() ? "" : ": " + outcome.output)));
  });
}

void Proofs::unpublish(const acme::Challenge& challenge, const config::CommandLine& dns_hook) {
  if (challenge.type != acme::ChallengeType::dns_01) return challenges_->remove(challenge);
  if (!dns_hook.empty()) run("dns-remove", challenge, dns_hook, [](const hook::Outcome&) {});
}

}  // namespace arbortls::issuance
