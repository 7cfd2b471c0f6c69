#include "acme/exchange.hpp"

#include "acme/json_read.hpp"

#include <utility>

namespace arbortls::acme {
namespace {

// A CA under test may refuse every second one; a sound one hardly ever refuses two in a row.
constexpr int most_refused_nonces = 12;

json::array contact_of(const std::string& email) {
  json::array contact;
  if (!email.empty()) contact.emplace_back("mailto:" + email);
  return contact;
}

// Whatever goes wrong with an account's making goes wrong for every order.
Failure of_account(Failure failure) {
  if (failure.kind == FailureKind::refused || failure.kind == FailureKind::our_mistake) {
    failure.kind = FailureKind::account;
  }
  return failure;
}

Failure account_failure(std::string text) { return {FailureKind::account, std::move(text)}; }

Result<std::string> new_account_payload(const AccountSettings& settings, const AccountKey& key,
                                        const Directory& directory) {
  json::object payload{{"termsOfServiceAgreed", true}, {"contact", contact_of(settings.email)}};
  if (settings.external) {
    const auto binding = bind_external_account(*settings.external, key, directory.new_account);
    if (!binding) return binding.error();
    payload.emplace("externalAccountBinding", json::parse(*binding));
  }
  return json::serialize(payload);
}

}  // namespace

Exchange::Outcome Exchange::prepare(std::int64_t now) {
  ask_.reset();
  refused_nonces_ = 0;
  return advance(now);
}

Exchange::Outcome Exchange::ask(Ask ask, std::int64_t now) {
  ask_ = std::move(ask);
  refused_nonces_ = 0;
  return advance(now);
}

// Looks each time at what is still missing, so that nothing has to be remembered of what led here.
Exchange::Outcome Exchange::advance(std::int64_t now) {
  if (conversation_->directory(now) == nullptr) {
    sent_ = Sent::directory;
    return Request{"GET", conversation_->settings().directory, {}, {}};
  }
  const bool is_signed = !ask_ || ask_->payload;
  const auto& account = conversation_->account();
  if (is_signed && account.url.empty()) return send_account(Sent::new_account, now);
  if (is_signed && account.email != conversation_->settings().email) {
    return send_account(Sent::update_account, now);
  }
  if (ask_) return send_ask(now);
  sent_ = Sent::nothing;
  return Ready{};
}

Exchange::Outcome Exchange::send_account(Sent sent, std::int64_t now) {
  const Directory& directory = *conversation_->directory(now);
  const AccountSettings& settings = conversation_->settings();
  if (sent == Sent::update_account) {
    const json::object payload{{"contact", contact_of(settings.email)}};
    return send_signed(sent, conversation_->account().url, json::serialize(payload), now);
  }
  if (directory.needs_external_account && !settings.external) {
    return account_failure(
        "making an account: the CA wants one that is bound to a customer's "
        "(external account binding: acme_eab)");
  }
  const auto payload = new_account_payload(settings, conversation_->key(), directory);
  if (!payload) return account_failure("making an account: " + payload.error().message);
  return send_signed(sent, directory.new_account, *payload, now);
}

Exchange::Outcome Exchange::send_ask(std::int64_t now) {
  const Directory& directory = *conversation_->directory(now);
  std::string url = ask_->url;
  if (ask_->at == Ask::At::new_order) url = directory.new_order;
  if (ask_->at == Ask::At::revoke_cert) url = directory.revoke_cert;
  if (ask_->at == Ask::At::renewal_info && !directory.renewal_info.empty()) {
    url = directory.renewal_info + (directory.renewal_info.ends_with('/') ? "" : "/") + ask_->url;
  } else if (ask_->at == Ask::At::renewal_info) {
    url.clear();
  }
  if (!is_url(url)) {
    return Failure{FailureKind::our_mistake, ask_->what + ": the CA does not offer it"};
  }
  if (ask_->payload) return send_signed(Sent::ask, url, *ask_->payload, now);
  sent_ = Sent::ask;
  return Request{"GET", url, {}, {}};
}

Exchange::Outcome Exchange::send_signed(Sent sent, const std::string& url, std::string_view payload,
                                        std::int64_t now) {
  auto nonce = conversation_->take_nonce();
  if (!nonce) {
    sent_ = Sent::nonce;
    return Request{"HEAD", conversation_->directory(now)->new_nonce, {}, {}};
  }
  sent_ = sent;
  account_url_ = sent == Sent::new_account ? std::string() : conversation_->account().url;
  const auto body = sign_jws(conversation_->key(), {url, std::move(*nonce), account_url_}, payload);
  if (!body) return account_failure(what() + ": " + body.error().message);
  return Request{"POST", url, "application/jose+json", *body};
}

Exchange::Outcome Exchange::on_reply(const Reply& reply, std::int64_t now) {
  if (reply.body.size() > max_body) return unreadable(what(), "it is too long");
  if (!reply.ok()) return on_refusal(reply, now);
  conversation_->keep(reply, now);
  switch (std::exchange(sent_, Sent::nothing)) {
    case Sent::directory:
      return on_directory(reply, now);
    case Sent::nonce:
      if (!conversation_->has_nonce()) return unreadable("fetching a nonce", "there is none in it");
      return advance(now);
    case Sent::new_account:
      return on_account(reply, now);
    case Sent::update_account: {
      AccountState state = conversation_->account();
      state.email = conversation_->settings().email;
      conversation_->set_account(std::move(state));
      return advance(now);
    }
    case Sent::ask:
      return reply;
    case Sent::nothing:
      break;
  }
  return unreadable("talking to the CA", "nothing was asked");
}

Exchange::Outcome Exchange::on_directory(const Reply& reply, std::int64_t now) {
  auto directory = parse_directory(reply.body);
  if (!directory) return unreadable("reading the CA's directory", directory.error().message);
  conversation_->set_directory(std::move(*directory), now);
  return advance(now);
}

Exchange::Outcome Exchange::on_account(const Reply& reply, std::int64_t now) {
  const auto account = parse_object(reply.body);
  const std::string status = account ? text_at(*account, "status") : std::string();
  if (!status.empty() && status != "valid") {
    return account_failure("making an account: the CA says it is " + plain_text(status, 50));
  }
  const auto url = reply.header("Location");
  if (!is_url(url)) return unreadable("making an account", "it does not say the account's URL");
  const Directory* directory = conversation_->directory(now);
  conversation_->set_account({std::string(url), conversation_->settings().email,
                              directory != nullptr ? directory->terms : std::string()});
  return advance(now);
}

Exchange::Outcome Exchange::on_refusal(const Reply& reply, std::int64_t now) {
  Failure failure = failure_of(reply, now, what());
  const bool bad_nonce = failure.type == "badNonce";
  // What else lies here is as old as the one that was refused, or older.
  if (bad_nonce) conversation_->drop_nonces();
  conversation_->keep(reply, now);
  const Sent sent = std::exchange(sent_, Sent::nothing);
  if (bad_nonce && ++refused_nonces_ <= most_refused_nonces) return advance(now);
  if (sent == Sent::new_account) return of_account(std::move(failure));
  if (failure.type == "accountDoesNotExist") {
    // Another exchange may have made a new one meanwhile.
    if (conversation_->account().url != account_url_) return advance(now);
    if (!std::exchange(account_made_anew_, true)) {
      conversation_->set_account({});
      return advance(now);
    }
  }
  if (sent == Sent::update_account) return of_account(std::move(failure));
  return failure;
}

std::string Exchange::what() const {
  switch (sent_) {
    case Sent::directory:
      return "reading the CA's directory";
    case Sent::nonce:
      return "fetching a nonce";
    case Sent::new_account:
      return "making an account";
    case Sent::update_account:
      return "changing the account's email address";
    case Sent::ask:
    case Sent::nothing:
      break;
  }
  return ask_ ? ask_->what : "talking to the CA";
}

}  // namespace arbortls::acme
