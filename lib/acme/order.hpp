#pragma once
// One order from a wish to a certificate (RFC 8555, 7.4), as a state machine: it gives the next
// step, and is told what came of it. Not thread-safe.
//
//   for (Step step = order.start(now);;) carry the step out, then
//     Send       on_reply(), or on_transport_error()
//     Publish    on_published(), or on_publish_error(); may take as long as it needs
//     Wait       on_time() at that time
//     Done, Failed   the end
//
// After each call unpublish what take_finished() holds, then keep state() where state_changed(),
// and only then carry the step out: an order made with that state goes on where this one stood.

#include "acme/certificate_request.hpp"
#include "acme/challenge.hpp"
#include "acme/exchange.hpp"
#include "acme/order_state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace arbortls::acme {

struct AuthorizationObject;
struct OrderObject;

struct Wish {
  std::vector<std::string> names;         // lower case; "*." needs dns-01; addresses as text
  std::vector<ChallengeType> challenges;  // allowed, the most wanted first
  std::string profile{};                  // "" for the CA's default
  std::string replaces{};                 // certificate ID of the predecessor (RFC 9773, 5), or ""
  CertificateKey key_type = CertificateKey::ecdsa_p256;
  // The key to use again, whatever stands beside it; a new one is made if there is none of that
  // type. Secret.
  std::string key_pem{};
};

struct Send {
  Request request;
};
struct Publish {
  Challenge challenge;
};
struct Wait {
  std::int64_t until;  // Unix seconds
};
struct Done {
  std::string pem;  // key, certificate, chain: checked. Secret
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
};
struct Failed {
  Failure failure;
};
using Step = std::variant<Send, Publish, Wait, Done, Failed>;

class Order {
 public:
  // `state` is of an earlier order that came to no end, or to one that left it something to go on
  // with: a transient or rate_limited failure, or a certificate that was not stored. One for other
  // names is dropped, and its challenges are told as finished. The conversation outlives the order.
  Order(Conversation& conversation, Wish wish, std::optional<OrderState> state = std::nullopt);
  ~Order();
  Order(const Order&) = delete;
  Order& operator=(const Order&) = delete;

  Step start(std::int64_t now);
  Step on_reply(const Reply& reply, std::int64_t now);
  // No reply to the last Send; `text` says why.
  Step on_transport_error(const std::string& text, std::int64_t now);
  Step on_published(std::int64_t now);
  // The challenge could not be published: ends the order, which can be resumed.
  Step on_publish_error(const std::string& text);
  Step on_time(std::int64_t now);

  // What has to be unpublished now; each is told once. Complete after Done and Failed.
  std::vector<Challenge> take_finished();

  const OrderState& state() const noexcept { return state_; }
  // Since it was last asked; true at first.
  bool state_changed() noexcept { return std::exchange(changed_, false); }

  // "waiting for the authorization of a.example": for `status`.
  std::string doing() const;

 private:
  enum class At {
    start,
    preparing,
    ordering,
    authorizing,  // reading an authorization
    publishing,
    answering,   // telling the CA that a challenge is published
    validating,  // until the authorization is no longer pending
    checking,    // until the order is ready
    finalizing,
    issuing,  // until the order is valid
    downloading,
    ended,
  };

  // What an outcome, a reply or a failure means where the order stands.
  Step carry(Exchange::Outcome outcome, std::int64_t now);
  Step on_answer(const Reply& reply, std::int64_t now);
  Step on_failure(Failure failure, std::int64_t now);
  Step on_order(const Reply& reply, std::int64_t now);
  Step on_authorization(const Reply& reply, std::int64_t now);
  Step on_pending(const AuthorizationObject& authorization, const Reply& reply, std::int64_t now);
  Step on_invalid(const OrderObject& order, std::int64_t now);

  Step place(std::int64_t now);
  Step place_anew(std::int64_t now);
  Step next_authorization(std::int64_t now);
  Step publish(const AuthorizationObject& authorization, std::int64_t now);
  Step finalize(std::int64_t now);
  Step receive(const Reply& reply, std::int64_t now);

  Step ask(At at, Ask ask, std::int64_t now);
  Step await(At at, Ask next, const Reply& reply, std::int64_t now);
  Step wait_to_retry(Failure failure, std::int64_t now);
  Step fail(Failure failure);
  Ask order_ask() const;
  Ask authorization_ask() const;
  bool is_lost(const Failure& failure) const noexcept;
  void enter(At at, std::int64_t now) noexcept;
  void finish_challenges();
  void finish_challenges_of(const AuthorizationObject& authorization);
  void forget_order() noexcept;

  Conversation* conversation_;
  Exchange exchange_;
  Wish wish_;
  OrderState state_;
  bool changed_ = true;

  At at_ = At::start;
  std::int64_t entered_ = 0;  // when at_ began
  int polls_ = 0;             // since then
  std::size_t troubles_ = 0;  // transient failures since then, in a row
  std::optional<Ask> again_;  // what to ask once a Wait is over; none: from the beginning
  bool resumed_ = false;      // the order was placed in an earlier life
  bool placed_anew_ = false;
  bool replaces_sent_ = false;
  bool authorized_ = false;  // all authorizations were seen valid
  int finalizations_ = 0;

  std::vector<std::string> authorizations_;  // URLs still to be looked at, the current one first
  std::string authorization_name_;
  std::string challenge_url_;
  bool answered_ = false;                  // the CA knew already that the challenge is ready
  std::optional<Failure> refused_answer_;  // it did not want to hear so
  std::string finalize_url_;
  std::vector<Challenge> finished_;
};

}  // namespace arbortls::acme
