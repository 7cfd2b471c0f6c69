#include "acme/objects.hpp"

#include "acme/json_read.hpp"

#include <algorithm>

namespace arbortls::acme {
namespace {

constexpr std::size_t longest_token = 512;
constexpr std::size_t most_authorizations = 1000;

// RFC 8555, 8.3: a token becomes part of a path and of a file's name.
bool is_token(std::string_view text) noexcept {
  return !text.empty() && text.size() <= longest_token &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

std::optional<Failure> failure_at(const json::object& object, std::string_view what) {
  const auto* problem = object_at(object, "error");
  if (problem == nullptr) return std::nullopt;
  Failure failure = failure_of_problem(json::serialize(*problem), what);
  // What the CA found out is about this order, whatever it calls it.
  if (failure.kind == FailureKind::our_mistake) failure.kind = FailureKind::refused;
  return failure;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

void add_challenge(AuthorizationObject& authorization, const json::object& object) {
  const std::string type = text_at(object, "type");
  authorization.types.push_back(plain_text(type, 50));
  const auto known = challenge_type(type);
  ChallengeObject challenge;
  challenge.url = text_at(object, "url");
  challenge.token = text_at(object, "token");
  if (!known || !is_url(challenge.url) || !is_token(challenge.token)) return;
  challenge.type = *known;
  challenge.status = text_at(object, "status");
  challenge.failure = failure_at(object, authorization.name() + ", " + type);
  authorization.challenges.push_back(std::move(challenge));
}

}  // namespace

Result<OrderObject> parse_order(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return error("the order is no JSON object");
  OrderObject order;
  order.status = plain_text(text_at(*object, "status"), 50);
  order.authorizations = texts_at(*object, "authorizations");
  order.finalize = text_at(*object, "finalize");
  order.certificate = text_at(*object, "certificate");
  order.failure = failure_at(*object, "the order");
  if (order.authorizations.size() > most_authorizations ||
      !std::all_of(order.authorizations.begin(), order.authorizations.end(), is_url)) {
    return error("the order's authorizations are no https URLs");
  }
  if (!is_url(order.finalize)) return error("the order has no https URL to finalize it");
  if (order.status == "valid" && !is_url(order.certificate)) {
    return error("the order is valid, but has no https URL of a certificate");
  }
  return order;
}

Result<AuthorizationObject> parse_authorization(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return error("the authorization is no JSON object");
  const auto* identifier = object_at(*object, "identifier");
  AuthorizationObject authorization;
  if (identifier != nullptr) authorization.identifier = lower_case(text_at(*identifier, "value"));
  if (authorization.identifier.empty()) return error("the authorization has no identifier");
  authorization.wildcard = flag_at(*object, "wildcard");
  authorization.status = plain_text(text_at(*object, "status"), 50);
  for (const auto* each : objects_at(*object, "challenges")) add_challenge(authorization, *each);
  return authorization;
}

}  // namespace arbortls::acme
