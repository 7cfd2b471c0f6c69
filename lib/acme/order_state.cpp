#include "acme/order_state.hpp"

#include "acme/json_read.hpp"

namespace arbortls::acme {
namespace {

json::object to_object(const Challenge& challenge) {
  return {{"type", to_string(challenge.type)},
          {"identifier", challenge.identifier},
          {"token", challenge.token},
          {"key_authorization", challenge.key_authorization}};
}

}  // namespace

std::string to_json(const OrderState& state) {
  json::array published;
  for (const auto& challenge : state.published) published.push_back(to_object(challenge));
  return json::serialize(json::object{{"names", to_array(state.names)},
                                      {"account", state.account},
                                      {"url", state.url},
                                      {"key", state.key_pem},
                                      {"replaces_dropped", state.replaces_dropped},
                                      {"published", std::move(published)}});
}

Result<OrderState> order_state_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return error("the order's state is not a JSON object");
  OrderState state;
  state.names = texts_at(*object, "names");
  state.account = text_at(*object, "account");
  state.url = text_at(*object, "url");
  state.key_pem = text_at(*object, "key");
  state.replaces_dropped = flag_at(*object, "replaces_dropped");
  for (const auto* each : objects_at(*object, "published")) {
    const auto type = challenge_type(text_at(*each, "type"));
    if (!type) return error("the order's state names a challenge of an unknown type");
    state.published.push_back({*type, text_at(*each, "identifier"), text_at(*each, "token"),
                               text_at(*each, "key_authorization")});
  }
  if (!state.url.empty() && !is_url(state.url)) return error("the order's URL is not one");
  return state;
}

}  // namespace arbortls::acme
