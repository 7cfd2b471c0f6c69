#pragma once
// Reading JSON that others wrote: what is missing or of the wrong type reads as empty. Includes
// Boost.JSON: for .cpp files only.

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::acme {

namespace json = boost::json;

// Nothing for anything but one object.
std::optional<json::object> parse_object(std::string_view text);

std::string text_at(const json::object& object, std::string_view key);
bool flag_at(const json::object& object, std::string_view key);
std::vector<std::string> texts_at(const json::object& object, std::string_view key);

// Null for anything but an object.
const json::object* object_at(const json::object& object, std::string_view key);
// The members of an array that are objects.
std::vector<const json::object*> objects_at(const json::object& object, std::string_view key);

json::array to_array(const std::vector<std::string>& texts);

// An absolute https URL, fit for a request line.
bool is_url(std::string_view text) noexcept;

}  // namespace arbortls::acme
