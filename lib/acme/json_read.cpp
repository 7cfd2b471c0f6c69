#include "acme/json_read.hpp"

#include <algorithm>

namespace arbortls::acme {

std::optional<json::object> parse_object(std::string_view text) {
  boost::system::error_code failed;
  json::value value = json::parse(text, failed);
  if (failed || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

bool flag_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::string> texts_at(const json::object& object, std::string_view key) {
  std::vector<std::string> texts;
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return texts;
  for (const auto& each : value->get_array()) {
    if (each.is_string()) texts.emplace_back(each.get_string());
  }
  return texts;
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

std::vector<const json::object*> objects_at(const json::object& object, std::string_view key) {
  std::vector<const json::object*> objects;
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return objects;
  for (const auto& each : value->get_array()) {
    if (const auto* member = each.if_object()) objects.push_back(member);
  }
  return objects;
}

json::array to_array(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

bool is_url(std::string_view text) noexcept {
  constexpr std::string_view scheme = "https://";
  return text.size() > scheme.size() && text.size() <= 2000 && text.starts_with(scheme) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace arbortls::acme
