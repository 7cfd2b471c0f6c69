#include "acme/account.hpp"

#include "acme/json_read.hpp"

namespace arbortls::acme {

std::string to_json(const AccountState& state) {
  return json::serialize(
      json::object{{"url", state.url}, {"email", state.email}, {"terms", state.terms}});
}

Result<AccountState> account_state_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return error("the account's state is not a JSON object");
  AccountState state{text_at(*object, "url"), text_at(*object, "email"), text_at(*object, "terms")};
  if (!state.url.empty() && !is_url(state.url)) return error("the account's URL is not one");
  return state;
}

}  // namespace arbortls::acme
