#include "issuance/asking.hpp"

#include <memory>
#include <utility>

namespace arbortls::issuance {
namespace {

struct Asking : std::enable_shared_from_this<Asking> {
  Asking(Transport over, std::shared_ptr<Ca> whom, std::function<std::int64_t()> time, std::function<void(Answer)> then)
      : transport(std::move(over)), ca(std::move(whom)), exchange(ca->conversation), clock(std::move(time)), done(std::move(then)) {}

  void carry(acme::Exchange::Outcome outcome) {
    if (auto* request = std::get_if<acme::Request>(&outcome)) return send_out(*request);
    if (auto* reply = std::get_if<acme::Reply>(&outcome)) return done(std::move(*reply));
    if (auto* failure = std::get_if<acme::Failure>(&outcome)) return done(std::move(*failure));
    done(acme::Reply{});
  }

  void send_out(const acme::Request& request) {
    transport(request, ca->ca_file, [self = shared_from_this()](Result<acme::Reply> reply) {
      if (!reply) return self->done(acme::Failure{acme::FailureKind::transient, reply.error().message, {}, {}});
      self->carry(self->exchange.on_reply(*reply, self->clock()));
    });
  }

  Transport transport;
  std::shared_ptr<Ca> ca;
  acme::Exchange exchange;
  std::function<std::int64_t()> clock;
  std::function<void(Answer)> done;
};

}  // namespace

void ask(const Transport& transport, std::shared_ptr<Ca> ca, acme::Ask question, std::function<std::int64_t()> clock,
         std::function<void(Answer)> done) {
  const auto asking = std::make_shared<Asking>(transport, std::move(ca), std::move(clock), std::move(done));
  asking->carry(asking->exchange.ask(std::move(question), asking->clock()));
}

void greet(const Transport& transport, std::shared_ptr<Ca> ca, std::function<std::int64_t()> clock,
           std::function<void(Answer)> done) {
  const auto asking = std::make_shared<Asking>(transport, std::move(ca), std::move(clock), std::move(done));
  asking->carry(asking->exchange.prepare(asking->clock()));
}

}  // namespace arbortls::issuance
