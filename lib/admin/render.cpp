#include "admin/render.hpp"

#include "admin/text_layout.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace arbortls::admin {
namespace {

namespace json = boost::json;

const json::value& field(const json::object& object, std::string_view key) {
  static const json::value none;
  const auto* value = object.if_contains(key);
  return value == nullptr ? none : *value;
}

std::string text_of(const json::object& object, std::string_view key) {
  return value_text(key, field(object, key));
}

std::string steps_text(const json::array& steps) {
  std::vector<Row> rows;
  for (const auto& each : steps) {
    if (!each.is_object()) continue;
    const auto& step = each.get_object();
    rows.push_back({std::to_string(rows.size() + 1) + '.', text_of(step, "stage"),
                    text_of(step, "subject"), text_of(step, "outcome")});
  }
  return table(rows, 2);
}

std::string settings_text(const json::object& settings) {
  std::vector<Row> rows;
  for (const auto& each : settings) {
    const auto& value = each.value();
    const std::string key(each.key());
    if (value.is_object()) {
      rows.push_back({key, text_of(value.get_object(), "value"),
                      "from " + text_of(value.get_object(), "from")});
    } else {
      rows.push_back({key, value_text(key, value)});
    }
  }
  return table(rows, 2);
}

std::string warnings_text(const json::array& warnings) {
  std::string text;
  for (const auto& each : warnings) text += "  ! " + value_text("", each) + '\n';
  return text;
}

// FILE:LINE:COLUMN, whether it comes as a text or as an object.
std::string place_text(const json::value& place) {
  if (!place.is_object()) return place.is_null() ? "" : value_text("place", place);
  std::string text = text_of(place.get_object(), "file");
  for (const auto* part : {"line", "column"}) {
    const auto& number = field(place.get_object(), part);
    if (number.is_int64() && number.get_int64() > 0) text += ':' + value_text(part, number);
  }
  return text == "-" ? "" : text;
}

std::string problem_text(const json::value& problem) {
  if (!problem.is_object()) return value_text("", problem);
  const auto& object = problem.get_object();
  std::string text = place_text(field(object, "place"));
  const auto append = [&text](const std::string& part) {
    if (!part.empty() && part != "-") text += (text.empty() ? "" : ": ") + part;
  };
  append(text_of(object, "key"));
  if (text_of(object, "severity") == "warning") append("warning");
  append(text_of(object, "message"));
  return text;
}

std::string problems_text(const json::array& problems) {
  std::string text;
  for (const auto& each : problems) text += "  ! " + problem_text(each) + '\n';
  return text;
}

json::object without(const json::object& object, std::initializer_list<std::string_view> keys) {
  json::object rest;
  for (const auto& each : object) {
    const std::string_view name(each.key().data(), each.key().size());
    if (std::find(keys.begin(), keys.end(), name) == keys.end()) rest[name] = each.value();
  }
  return rest;
}

std::string section(std::string_view title, const std::string& content) {
  return content.empty() ? "" : '\n' + std::string(title) + '\n' + content;
}

}  // namespace

std::string explain_text(const json::object& explanation) {
  std::string text =
      table({{"name", explanation.contains("name") && !field(explanation, "name").is_null()
                          ? text_of(explanation, "name")
                          : "(none sent)"},
             {"listener", text_of(explanation, "listener")}},
            0);
  if (const auto* steps = field(explanation, "steps").if_array())
    text += section("steps", steps_text(*steps));
  if (const auto* applied = field(explanation, "applied").if_object())
    text += section("applied certificate", block(*applied, 2));
  if (const auto* settings = field(explanation, "settings").if_object())
    text += section("settings", settings_text(*settings));
  if (const auto* warnings = field(explanation, "warnings").if_array())
    text += section("warnings", warnings_text(*warnings));
  const auto rest =
      without(explanation, {"name", "listener", "steps", "applied", "settings", "warnings"});
  return rest.empty() ? text : text + '\n' + block(rest, 0);
}

std::string status_text(const json::object& status) {
  std::string text = "arbortls " + text_of(status, "version") + ": " + text_of(status, "state");
  if (status.contains("pid")) text += ", process " + text_of(status, "pid");
  if (const auto* uptime = field(status, "uptime_seconds").if_int64())
    text += ", up " + duration_text(*uptime);
  text += '\n';
  const auto rest = without(status, {"version", "state", "pid", "uptime_seconds", "problems"});
  if (!rest.empty()) text += '\n' + block(rest, 0);
  if (const auto* problems = field(status, "problems").if_array())
    text += section("problems", problems->empty() ? "  none\n" : problems_text(*problems));
  return text;
}

std::string expiring_text(const json::value& expiring) {
  const json::array* list_of = expiring.if_array();
  if (const auto* object = expiring.if_object())
    for (const auto& each : *object)
      if (each.value().is_array() && list_of == nullptr) list_of = &each.value().get_array();
  if (list_of == nullptr) return generic_text(expiring);
  return list_of->empty() ? "no certificate ends within that time\n" : list(*list_of, 0);
}

std::string reload_text(const json::object& outcome) {
  const auto* ok = field(outcome, "ok").if_bool();
  const bool done = ok != nullptr && *ok;
  std::string text = done ? "reloaded\n" : "refused; the old configuration still serves\n";
  if (const auto* problems = field(outcome, "problems").if_array())
    text += problems_text(*problems);
  const auto rest = without(outcome, {"ok", "problems"});
  return rest.empty() ? text : text + block(rest, 2);
}

std::string generic_text(const json::value& value) {
  if (value.is_object()) return block(value.get_object(), 0);
  if (value.is_array()) return list(value.get_array(), 0);
  return value_text("", value) + '\n';
}

}  // namespace arbortls::admin
