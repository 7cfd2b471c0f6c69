#include "http/exchange.hpp"

#include <algorithm>
#include <utility>

namespace arbortls::http {
namespace {

namespace beast = boost::beast;

std::string text_of(beast::string_view view) { return {view.data(), view.size()}; }

template <class Fields>
Headers headers_of(const Fields& fields, bool with_hop_by_hop) {
  Headers headers;
  for (const auto& field : fields) {
    std::string name = text_of(field.name_string());
    if (with_hop_by_hop || !is_hop_by_hop(name)) headers.emplace_back(std::move(name), text_of(field.value()));
  }
  return headers;
}

bool visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// `http://HOST/path`, as proxies are asked and RFC 9112, 3.2.2 wants it understood.
void split_absolute(Request& request) {
  constexpr std::string_view scheme = "http://";
  if (!same_name(std::string_view(request.target).substr(0, scheme.size()), scheme)) return;
  const std::string rest = request.target.substr(scheme.size());
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  request.host = rest.substr(0, end);
  request.target = rest.substr(end);
  if (!request.target.starts_with('/')) request.target.insert(0, "/");
}

}  // namespace

std::optional<Request> received(BeastRequest message, std::string peer) {
  const auto hosts = static_cast<std::size_t>(message.count(beast::http::field::host));
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) return {};
  Request request;
  request.method = text_of(message.method_string());
  request.target = text_of(message.target());
  request.host = text_of(message[beast::http::field::host]);
  request.peer = std::move(peer);
  request.headers = headers_of(message, true);
  request.body = std::move(message.body());
  split_absolute(request);
  if (!request.target.starts_with('/') || !visible(request.target)) return {};
  return request;
}

BeastResponse to_send(Response response, bool head, bool keep_alive) {
  BeastResponse message(static_cast<beast::http::status>(response.status), 11);
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  if (!response.content_type.empty()) message.set(beast::http::field::content_type, response.content_type);
  message.keep_alive(keep_alive);
  message.content_length(response.body.size());
  if (!head) message.body() = std::move(response.body);
  return message;
}

BeastRequest to_forward(const Request& request) {
  BeastRequest message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.target);
  for (const auto& [name, value] : request.headers) {
    if (!is_hop_by_hop(name) && !same_name(name, "Host")) message.insert(name, value);
  }
  message.set(beast::http::field::host, request.host);
  message.insert("X-Forwarded-For", request.peer);
  message.keep_alive(false);
  message.body() = request.body;
  if (!request.body.empty()) message.content_length(request.body.size());
  return message;
}

Response passed_on(BeastResponse message) {
  Response response;
  response.status = message.result_int();
  response.headers = headers_of(message, false);
  response.body = std::move(message.body());
  return response;
}

}  // namespace arbortls::http
