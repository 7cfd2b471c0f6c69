#pragma once
// One request to a CA with all that must come before it: the directory, a nonce, the account. A
// refused nonce is answered by signing again with a new one, never by the same bytes; an account
// that the CA has lost is made anew, once.

#include "acme/conversation.hpp"
#include "acme/failure.hpp"
#include "acme/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace arbortls::acme {

// What is asked. Begins a failure's text: "making an order".
struct Ask {
  enum class At { url, new_order, revoke_cert, renewal_info };

  At at = At::url;
  std::string url{};                     // At::url: all of it; renewal_info: what stands behind
  std::optional<std::string> payload{};  // JSON, "" for POST-as-GET; none: a GET, unsigned
  std::string what{};
};

class Exchange {
 public:
  struct Ready {};  // what had to come before is there

  // A Reply here is a success (2xx).
  using Outcome = std::variant<Request, Ready, Reply, Failure>;

  // The conversation outlives it.
  explicit Exchange(Conversation& conversation) : conversation_(&conversation) {}

  // Only what must come before any signed request; ends with Ready.
  Outcome prepare(std::int64_t now);
  // Ends with a Reply or a Failure. A new ask may follow any end, and also a transport's error, of
  // which the Exchange needs not be told.
  Outcome ask(Ask ask, std::int64_t now);

  // The reply to the Request that was the last outcome.
  Outcome on_reply(const Reply& reply, std::int64_t now);

 private:
  enum class Sent { nothing, directory, nonce, new_account, update_account, ask };

  Outcome advance(std::int64_t now);
  Outcome send_account(Sent sent, std::int64_t now);
  Outcome send_ask(std::int64_t now);
  Outcome send_signed(Sent sent, const std::string& url, std::string_view payload,
                      std::int64_t now);
  Outcome on_directory(const Reply& reply, std::int64_t now);
  Outcome on_account(const Reply& reply, std::int64_t now);
  Outcome on_refusal(const Reply& reply, std::int64_t now);
  std::string what() const;

  Conversation* conversation_;
  std::optional<Ask> ask_;
  Sent sent_ = Sent::nothing;
  std::string account_url_;  // that the last request was signed for
  int refused_nonces_ = 0;
  bool account_made_anew_ = false;
};

}  // namespace arbortls::acme
