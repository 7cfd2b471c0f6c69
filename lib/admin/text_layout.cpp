#include "admin/text_layout.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace arbortls::admin {
namespace {

namespace json = boost::json;

bool ends_with_any(std::string_view key, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [key](std::string_view ending) { return key.ends_with(ending); });
}

std::string date_text(std::int64_t unix_time) {
  const std::time_t time = unix_time;
  std::tm parts{};
  std::array<char, 32> text{};
  if (::gmtime_r(&time, &parts) == nullptr) return std::to_string(unix_time);
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text.data(), size};
}

std::string decimal_text(double number) {
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.6g", number);
  return {text.data(), static_cast<std::size_t>(std::max(size, 0))};
}

std::string integer_text(std::string_view key, std::int64_t number) {
  if (ends_with_any(key, {"not_after", "not_before", "_at", "due", "_until"})) return date_text(number);
  if (ends_with_any(key, {"_seconds"}) && number >= 60) return duration_text(number);
  return std::to_string(number);
}

bool is_plain(const json::value& value) {
  if (value.is_object()) return false;
  if (!value.is_array()) return true;
  const auto& array = value.get_array();
  return std::none_of(array.begin(), array.end(),
                      [](const json::value& each) { return each.is_structured(); });
}

// Bytes of UTF-8 are not columns: continuation bytes take none.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string heading(std::string_view key) {
  std::string text = printable(key);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::vector<std::string> columns_of(const json::array& objects) {
  std::vector<std::string> columns;
  for (const auto& each : objects)
    for (const auto& field : each.get_object()) {
      const std::string key(field.key());
      if (std::find(columns.begin(), columns.end(), key) == columns.end()) columns.push_back(key);
    }
  return columns;
}

std::string table_of(const json::array& objects, std::size_t indent) {
  const auto columns = columns_of(objects);
  std::vector<Row> rows(1);
  for (const auto& column : columns) rows[0].push_back(heading(column));
  for (const auto& each : objects) {
    Row& row = rows.emplace_back();
    for (const auto& column : columns) {
      const auto* value = each.get_object().if_contains(column);
      row.push_back(value == nullptr ? "-" : value_text(column, *value));
    }
  }
  return table(rows, indent);
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string safe;
  const auto escape = [&](unsigned char byte) {
    safe += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
    if (byte < 0x20 || byte == 0x7F) {
      escape(byte);
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
      escape(static_cast<unsigned char>(next));
      ++i;
    } else {
      safe += text[i];
    }
  }
  return safe;
}

std::string duration_text(std::int64_t seconds) {
  const auto two = [](std::int64_t a, char unit_a, std::int64_t b, char unit_b) {
    std::string text = std::to_string(a) + unit_a;
    if (b != 0) text += ' ' + std::to_string(b) + unit_b;
    return text;
  };
  if (seconds < 0) return '-' + duration_text(seconds == INT64_MIN ? INT64_MAX : -seconds);
  if (seconds >= 86400) return two(seconds / 86400, 'd', seconds % 86400 / 3600, 'h');
  if (seconds >= 3600) return two(seconds / 3600, 'h', seconds % 3600 / 60, 'm');
  if (seconds >= 60) return two(seconds / 60, 'm', seconds % 60, 's');
  return std::to_string(seconds) + 's';
}

std::string value_text(std::string_view key, const json::value& value) {
  if (const auto* text = value.if_string()) return printable({text->data(), text->size()});
  if (value.is_null()) return "-";
  if (const auto* flag = value.if_bool()) return *flag ? "yes" : "no";
  if (const auto* number = value.if_int64()) return integer_text(key, *number);
  if (const auto* number = value.if_double()) return decimal_text(*number);
  if (!value.is_array() || !is_plain(value)) return printable(json::serialize(value));
  std::string joined;
  for (const auto& each : value.get_array())
    joined += (joined.empty() ? "" : ", ") + value_text(key, each);
  return joined.empty() ? "-" : joined;
}

std::string table(const std::vector<Row>& rows, std::size_t indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], width(row[i]));
    }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string block(const json::object& object, std::size_t indent) {
  std::vector<Row> rows;
  std::string nested;
  for (const auto& field : object) {
    const std::string_view key(field.key().data(), field.key().size());
    if (is_plain(field.value())) {
      rows.push_back({heading(key), value_text(key, field.value())});
      continue;
    }
    nested += std::string(indent, ' ') + heading(key) + ":\n";
    nested += field.value().is_object() ? block(field.value().get_object(), indent + 2)
                                        : list(field.value().get_array(), indent + 2);
  }
  return table(rows, indent) + nested;
}

std::string list(const json::array& array, std::size_t indent) {
  const bool objects = std::all_of(array.begin(), array.end(),
                                   [](const json::value& each) { return each.is_object(); });
  if (array.empty()) return std::string(indent, ' ') + "none\n";
  if (objects) return table_of(array, indent);
  std::string text;
  for (const auto& each : array) text += std::string(indent, ' ') + value_text("", each) + '\n';
  return text;
}

}  // namespace arbortls::admin
