#include "world.hpp"

#include <algorithm>

namespace arbortls::acme::test {

World::World() {
  static const auto made = std::make_shared<const AccountKey>(AccountKey::generate().value());
  key = made;
  ca.sees = [this](const Challenge& wanted) {
    return std::find(published.begin(), published.end(), wanted) != published.end();
  };
}

Wish World::wish_for(std::vector<std::string> names) {
  Wish wish;
  wish.names = std::move(names);
  wish.challenges = {ChallengeType::http_01, ChallengeType::tls_alpn_01, ChallengeType::dns_01};
  return wish;
}

int World::count(const std::string& logged) const {
  return static_cast<int>(std::count_if(
      ca.log.begin(), ca.log.end(), [&](const auto& line) { return line.starts_with(logged); }));
}

bool World::stops(const Step& step) {
  if (steps_until_stop < 0 || steps_++ < steps_until_stop) return false;
  if (const auto* send = std::get_if<Send>(&step); send != nullptr && last_request_sent) {
    ca.handle(send->request, now);
  }
  return true;
}

Step World::carry_out(Order& order, const Step& step) {
  if (const auto* send = std::get_if<Send>(&step)) {
    const Reply reply = ca.handle(send->request, now);
    now += reply_takes;
    if (lost_replies > 0) {
      --lost_replies;
      return order.on_transport_error("connection\nreset", now);
    }
    return order.on_reply(reply, now);
  }
  if (const auto* publish = std::get_if<Publish>(&step)) {
    if (publishing_fails) return order.on_publish_error("the hook program failed");
    published.push_back(publish->challenge);
    ever_published.push_back(publish->challenge);
    return order.on_published(now);
  }
  const auto& wait = std::get<Wait>(step);
  waits.push_back(wait.until - now);
  now = wait.until;
  return order.on_time(now);
}

End World::run(const Wish& wish) {
  steps_ = 0;
  AccountState account;
  if (!account_file.empty()) account = account_state_from_json(account_file).value();
  std::optional<OrderState> state;
  if (!order_file.empty()) state = order_state_from_json(order_file).value();
  Conversation conversation(settings, key, account);
  Order order(conversation, wish, state);
  for (Step step = order.start(now);; step = carry_out(order, step)) {
    for (const auto& finished : order.take_finished()) std::erase(published, finished);
    if (order.state_changed()) order_file = to_json(order.state());
    account_file = to_json(conversation.account());
    if (auto* done = std::get_if<Done>(&step)) return {std::move(*done), std::nullopt};
    if (auto* failed = std::get_if<Failed>(&step)) return {std::nullopt, failed->failure};
    if (stops(step)) return {std::nullopt, std::nullopt, true};
    if (ca.log.size() > 2000) throw std::runtime_error("the order does not come to an end");
  }
}

}  // namespace arbortls::acme::test
