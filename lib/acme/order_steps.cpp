// What the replies to an order's requests mean, and what is asked next.

#include "acme/base64url.hpp"
#include "acme/json_read.hpp"
#include "acme/objects.hpp"
#include "acme/order.hpp"
#include "acme/received.hpp"
#include "cert/load.hpp"
#include "cert/names.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iterator>

namespace arbortls::acme {
namespace {

constexpr std::int64_t noticeable_offset = 120;  // seconds

json::array identifiers_of(const std::vector<std::string>& names) {
  json::array identifiers;
  for (const auto& name : names) {
    const char* type = cert::is_ip_literal(name) ? "ip" : "dns";
    identifiers.push_back(json::object{{"type", type}, {"value", name}});
  }
  return identifiers;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : plain_text(text);
}

const ChallengeObject* choose(const AuthorizationObject& authorization,
                              const std::vector<ChallengeType>& allowed) {
  for (const auto type : allowed) {
    for (const auto& challenge : authorization.challenges) {
      if (challenge.type == type) return &challenge;
    }
  }
  return nullptr;
}

Failure no_challenge(const AuthorizationObject& authorization,
                     const std::vector<ChallengeType>& allowed) {
  std::vector<std::string> names;
  for (const auto type : allowed) names.emplace_back(to_string(type));
  return {FailureKind::our_mistake, authorization.name() + ": the CA offers the challenges " +
                                        list_of(authorization.types) + ", and allowed are " +
                                        list_of(names)};
}

Failure refused_authorization(const AuthorizationObject& authorization) {
  for (const auto& challenge : authorization.challenges) {
    if (challenge.failure) return *challenge.failure;
  }
  return {FailureKind::refused,
          authorization.name() + ": the CA calls the authorization " + authorization.status};
}

std::string clock_note(std::optional<std::int64_t> offset) {
  if (!offset || std::abs(*offset) < noticeable_offset) return {};
  return "; the CA's clock is " + std::to_string(std::abs(*offset)) + " s " +
         (*offset > 0 ? "ahead of" : "behind") + " this machine's";
}

Ask post_as_get(const std::string& url, std::string what) {
  Ask ask;
  ask.url = url;
  ask.payload = "";
  ask.what = std::move(what);
  return ask;
}

}  // namespace

Ask Order::order_ask() const { return post_as_get(state_.url, "reading the order"); }

Ask Order::authorization_ask() const {
  return post_as_get(authorizations_.front(),
                     authorization_name_.empty()
                         ? "reading an authorization"
                         : "reading the authorization of " + authorization_name_);
}

Step Order::place(std::int64_t now) {
  const bool ours = state_.account == conversation_->account().url;
  if (!state_.url.empty() && ours) return ask(At::checking, order_ask(), now);
  forget_order();
  const Directory* directory = conversation_->directory(now);
  // A reply may come when the directory has just grown too old.
  if (directory == nullptr) return start(now);
  enter(At::ordering, now);
  const auto& offered = directory->profiles;
  if (!wish_.profile.empty() &&
      std::find(offered.begin(), offered.end(), wish_.profile) == offered.end()) {
    return fail({FailureKind::our_mistake, "making an order: the CA has no profile " +
                                               wish_.profile + ", it offers: " + list_of(offered)});
  }
  json::object payload{{"identifiers", identifiers_of(wish_.names)}};
  if (!wish_.profile.empty()) payload.emplace("profile", wish_.profile);
  replaces_sent_ =
      !wish_.replaces.empty() && !state_.replaces_dropped && !directory->renewal_info.empty();
  if (replaces_sent_) payload.emplace("replaces", wish_.replaces);
  Ask order;
  order.at = Ask::At::new_order;
  order.payload = json::serialize(payload);
  order.what = "making an order";
  return ask(At::ordering, std::move(order), now);
}

Step Order::place_anew(std::int64_t now) {
  placed_anew_ = true;
  finish_challenges();
  forget_order();
  return place(now);
}

Step Order::on_answer(const Reply& reply, std::int64_t now) {
  switch (at_) {
    case At::ordering:
      if (!is_url(reply.header("Location"))) {
        return on_failure(unreadable(doing(), "it does not say the order's URL"), now);
      }
      state_.url = reply.header("Location");
      state_.account = conversation_->account().url;
      changed_ = true;
      return on_order(reply, now);
    case At::checking:
    case At::finalizing:
    case At::issuing:
      return on_order(reply, now);
    case At::authorizing:
    case At::validating:
      return on_authorization(reply, now);
    case At::answering:
      return await(At::validating, authorization_ask(), reply, now);
    case At::downloading:
      return receive(reply, now);
    default:
      return fail(unreadable(doing(), "nothing was asked"));
  }
}

Step Order::on_order(const Reply& reply, std::int64_t now) {
  const auto order = parse_order(reply.body);
  if (!order) return on_failure(unreadable(doing(), order.error().message), now);
  finalize_url_ = order->finalize;
  const bool finalized = at_ == At::finalizing || at_ == At::issuing;
  if (order->status == "pending" && !authorized_) {
    authorizations_ = order->authorizations;
    return next_authorization(now);
  }
  if (order->status == "pending") return await(At::checking, order_ask(), reply, now);
  if (order->status == "ready" && !finalized) return finalize(now);
  if (order->status == "ready" || order->status == "processing") {
    return await(At::issuing, order_ask(), reply, now);
  }
  if (order->status == "valid" && state_.key_pem.empty()) return place_anew(now);
  if (order->status == "valid") {
    return ask(At::downloading, post_as_get(order->certificate, "fetching the certificate"), now);
  }
  return on_invalid(*order, now);
}

Step Order::on_invalid(const OrderObject& order, std::int64_t now) {
  // What went wrong while nobody was here tells nothing of now.
  if (resumed_ && !placed_anew_) return place_anew(now);
  if (order.failure) return fail(*order.failure);
  return fail({FailureKind::refused, "the CA calls the order " + order.status});
}

Step Order::next_authorization(std::int64_t now) {
  authorization_name_.clear();
  if (!authorizations_.empty()) return ask(At::authorizing, authorization_ask(), now);
  authorized_ = true;
  return ask(At::checking, order_ask(), now);
}

Step Order::on_authorization(const Reply& reply, std::int64_t now) {
  const auto authorization = parse_authorization(reply.body);
  if (!authorization) return on_failure(unreadable(doing(), authorization.error().message), now);
  authorization_name_ = authorization->name();
  const auto& names = wish_.names;
  if (std::find(names.begin(), names.end(), authorization_name_) == names.end()) {
    authorization_name_ = plain_text(authorization_name_, 255);
    return fail(unreadable(doing(), "nobody asked for " + authorization_name_));
  }
  if (authorization->status == "pending") return on_pending(*authorization, reply, now);
  if (authorization->status == "valid") {
    finish_challenges_of(*authorization);
    authorizations_.erase(authorizations_.begin());
    return next_authorization(now);
  }
  if (at_ == At::authorizing && resumed_ && !placed_anew_) return place_anew(now);
  return fail(refused_authorization(*authorization));
}

// Those of others may be looked at by the CA right now, where an earlier life published them.
void Order::finish_challenges_of(const AuthorizationObject& authorization) {
  const auto& challenges = authorization.challenges;
  const auto over = [&challenges](const Challenge& published) {
    return std::any_of(challenges.begin(), challenges.end(),
                       [&published](const auto& each) { return each.token == published.token; });
  };
  auto& published = state_.published;
  const auto kept = std::stable_partition(published.begin(), published.end(), std::not_fn(over));
  if (kept == published.end()) return;
  std::move(kept, published.end(), std::back_inserter(finished_));
  published.erase(kept, published.end());
  changed_ = true;
}

Step Order::on_pending(const AuthorizationObject& authorization, const Reply& reply,
                       std::int64_t now) {
  if (at_ == At::authorizing) return publish(authorization, now);
  const auto& challenges = authorization.challenges;
  const bool heard = std::any_of(challenges.begin(), challenges.end(), [this](const auto& each) {
    return each.url == challenge_url_ && each.status != "pending";
  });
  if (refused_answer_ && !heard) return fail(*refused_answer_);
  return await(At::validating, authorization_ask(), reply, now);
}

Step Order::publish(const AuthorizationObject& authorization, std::int64_t now) {
  const ChallengeObject* chosen = choose(authorization, wish_.challenges);
  if (chosen == nullptr) return fail(no_challenge(authorization, wish_.challenges));
  challenge_url_ = chosen->url;
  answered_ = chosen->status != "pending";
  Challenge challenge{chosen->type, authorization.identifier, chosen->token,
                      key_authorization(chosen->token, conversation_->key())};
  auto& published = state_.published;
  if (std::find(published.begin(), published.end(), challenge) == published.end()) {
    published.push_back(challenge);
    changed_ = true;
  }
  enter(At::publishing, now);
  return Publish{std::move(challenge)};
}

Step Order::finalize(std::int64_t now) {
  ++finalizations_;
  enter(At::finalizing, now);
  if (auto reused = certificate_key_in(wish_.key_pem, wish_.key_type); !reused.empty()) {
    cert::wipe(state_.key_pem);
    state_.key_pem = std::move(reused);
  } else if (state_.key_pem.empty()) {
    auto made = make_certificate_key(wish_.key_type);
    if (!made) return fail({FailureKind::our_mistake, made.error().message});
    state_.key_pem = std::move(*made);
  }
  changed_ = true;
  const auto request = make_certificate_request(state_.key_pem, wish_.names);
  if (!request) return fail({FailureKind::our_mistake, request.error().message});
  Ask finalization = post_as_get(finalize_url_, doing());
  finalization.payload = json::serialize(json::object{{"csr", base64url(*request)}});
  return ask(At::finalizing, std::move(finalization), now);
}

Step Order::receive(const Reply& reply, std::int64_t now) {
  auto checked = check_received(reply.body, state_.key_pem, wish_.names, now);
  if (const auto* unfit = std::get_if<Unfit>(&checked)) {
    if (!unfit->by_clock) return fail({FailureKind::refused, unfit->text});
    // The order stays: once the clocks agree, the same certificate will do.
    return fail({FailureKind::transient, unfit->text + clock_note(conversation_->clock_offset())});
  }
  auto& received = std::get<Received>(checked);
  at_ = At::ended;
  finish_challenges();
  return Done{std::move(received.pem), received.not_before, received.not_after};
}

}  // namespace arbortls::acme
