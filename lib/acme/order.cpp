#include "acme/order.hpp"

#include "acme/objects.hpp"
#include "cert/load.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace arbortls::acme {
namespace {

constexpr std::int64_t patience = 1800;     // seconds the CA may take for one thing
constexpr std::int64_t longest_pause = 60;  // seconds an order waits by itself for its next try
constexpr std::array<std::int64_t, 3> retry_pauses = {2, 8, 30};  // seconds
constexpr std::array<std::int64_t, 5> poll_pauses = {1, 2, 4, 8, 10};
constexpr int most_finalizations = 3;

bool same_names(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

bool is_about_request(const Failure& failure) noexcept {
  return failure.kind == FailureKind::refused || failure.kind == FailureKind::our_mistake;
}

}  // namespace

Order::Order(Conversation& conversation, Wish wish, std::optional<OrderState> state)
    : conversation_(&conversation), exchange_(conversation), wish_(std::move(wish)) {
  state_.names = wish_.names;
  if (!state) return;
  if (same_names(state->names, wish_.names)) {
    state_ = std::move(*state);
    resumed_ = !state_.url.empty();
  } else {
    finished_ = std::move(state->published);
    cert::wipe(state->key_pem);
  }
}

Order::~Order() {
  cert::wipe(state_.key_pem);
  cert::wipe(wish_.key_pem);
}

Step Order::start(std::int64_t now) {
  enter(At::preparing, now);
  again_.reset();
  return carry(exchange_.prepare(now), now);
}

Step Order::on_reply(const Reply& reply, std::int64_t now) {
  return carry(exchange_.on_reply(reply, now), now);
}

Step Order::on_transport_error(const std::string& text, std::int64_t now) {
  return wait_to_retry({FailureKind::transient, doing() + ": " + plain_text(text)}, now);
}

Step Order::on_published(std::int64_t now) {
  refused_answer_.reset();
  if (answered_) return ask(At::validating, authorization_ask(), now);
  Ask answer;
  answer.url = challenge_url_;
  answer.payload = "{}";
  answer.what = "answering the challenge for " + authorization_name_;
  return ask(At::answering, std::move(answer), now);
}

Step Order::on_publish_error(const std::string& text) {
  return fail({FailureKind::transient, doing() + ": " + plain_text(text)});
}

Step Order::on_time(std::int64_t now) { return again_ ? ask(at_, *again_, now) : start(now); }

std::vector<Challenge> Order::take_finished() { return std::exchange(finished_, {}); }

std::string Order::doing() const {
  switch (at_) {
    case At::start:
    case At::preparing:
      return "greeting the CA";
    case At::ordering:
      return "making an order";
    case At::authorizing:
      return "reading an authorization";
    case At::publishing:
      return "publishing the challenge for " + authorization_name_;
    case At::answering:
      return "answering the challenge for " + authorization_name_;
    case At::validating:
      return "waiting for the authorization of " + authorization_name_;
    case At::checking:
      return "reading the order";
    case At::finalizing:
      return "sending the certificate request";
    case At::issuing:
      return "waiting for the certificate";
    case At::downloading:
      return "fetching the certificate";
    case At::ended:
      break;
  }
  return "ended";
}

Step Order::carry(Exchange::Outcome outcome, std::int64_t now) {
  if (auto* request = std::get_if<Request>(&outcome)) return Send{std::move(*request)};
  if (auto* failure = std::get_if<Failure>(&outcome)) return on_failure(std::move(*failure), now);
  if (const auto* reply = std::get_if<Reply>(&outcome)) return on_answer(*reply, now);
  return place(now);
}

Step Order::on_failure(Failure failure, std::int64_t now) {
  if (failure.kind == FailureKind::transient || failure.kind == FailureKind::rate_limited) {
    return wait_to_retry(std::move(failure), now);
  }
  if (!is_about_request(failure)) return fail(std::move(failure));
  // No order shall fail for what is but a note to it; CAs differ in how they refuse that.
  if (at_ == At::ordering && replaces_sent_ &&
      (failure.type == "alreadyReplaced" || failure.type == "malformed")) {
    state_.replaces_dropped = true;
    changed_ = true;
    return place(now);
  }
  if (is_lost(failure) && !placed_anew_) return place_anew(now);
  // It may know already, from a request whose reply was lost: the authorization tells.
  if (at_ == At::answering) {
    refused_answer_ = std::move(failure);
    return ask(At::validating, authorization_ask(), now);
  }
  if (at_ == At::finalizing && failure.type == "orderNotReady" &&
      finalizations_ < most_finalizations) {
    return ask(At::checking, order_ask(), now);
  }
  return fail(std::move(failure));
}

// What cannot be read any more, or belongs to an account that the CA has lost, has expired.
bool Order::is_lost(const Failure& failure) const noexcept {
  switch (at_) {
    case At::authorizing:
    case At::validating:
    case At::checking:
    case At::issuing:
    case At::downloading:
      return is_about_request(failure);
    case At::answering:
    case At::finalizing:
      return conversation_->account().url != state_.account;
    default:
      return false;
  }
}

Step Order::ask(At at, Ask ask, std::int64_t now) {
  enter(at, now);
  again_ = ask;
  return carry(exchange_.ask(std::move(ask), now), now);
}

// Asks `next` when the CA wants to be asked, or in ever longer pauses.
Step Order::await(At at, Ask next, const Reply& reply, std::int64_t now) {
  enter(at, now);
  troubles_ = 0;
  again_ = std::move(next);
  const auto pause = poll_pauses[std::min<std::size_t>(static_cast<std::size_t>(polls_++),
                                                       poll_pauses.size() - 1)];
  const std::int64_t until = std::max(retry_at(reply, now).value_or(now + pause), now + 1);
  if (until - entered_ <= patience) return Wait{until};
  return fail({FailureKind::transient,
               doing() + ": not done after " + std::to_string((now - entered_) / 60) + " minutes",
               until});
}

Step Order::wait_to_retry(Failure failure, std::int64_t now) {
  const bool limited = failure.kind == FailureKind::rate_limited;
  if (troubles_ >= retry_pauses.size() || (limited && !failure.retry_at)) {
    return fail(std::move(failure));
  }
  const std::int64_t until =
      std::max(now + retry_pauses[troubles_++], failure.retry_at.value_or(now));
  if (until - now > longest_pause) return fail(std::move(failure));
  return Wait{until};
}

Step Order::fail(Failure failure) {
  at_ = At::ended;
  finish_challenges();
  if (failure.kind != FailureKind::transient && failure.kind != FailureKind::rate_limited) {
    forget_order();
    cert::wipe(state_.key_pem);
  }
  return Failed{std::move(failure)};
}

void Order::enter(At at, std::int64_t now) noexcept {
  if (at_ == at) return;
  at_ = at;
  entered_ = now;
  polls_ = 0;
  troubles_ = 0;
}

void Order::finish_challenges() {
  if (state_.published.empty()) return;
  std::move(state_.published.begin(), state_.published.end(), std::back_inserter(finished_));
  state_.published.clear();
  changed_ = true;
}

void Order::forget_order() noexcept {
  state_.url.clear();
  state_.account.clear();
  authorized_ = false;
  resumed_ = false;
  finalizations_ = 0;
  changed_ = true;
}

}  // namespace arbortls::acme
