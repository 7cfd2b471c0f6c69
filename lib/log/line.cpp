#include "log/line.hpp"

#include "log/escape.hpp"

#include <charconv>
#include <cmath>
#include <ctime>

namespace arbortls::log {
namespace {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "error";
}

// The priorities of sd-daemon(3).
std::string_view syslog_prefix(Level level) {
  switch (level) {
    case Level::debug: return "<7>";
    case Level::info: return "<6>";
    case Level::warning: return "<4>";
    case Level::error: return "<3>";
  }
  return "<3>";
}

void append_padded(std::string& out, long number, std::size_t width) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

// RFC 3339, UTC, milliseconds.
void append_time(std::string& out, std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const std::time_t when = std::chrono::system_clock::to_time_t(seconds);
  std::tm parts{};
  gmtime_r(&when, &parts);
  append_padded(out, parts.tm_year + 1900L, 4);
  append_padded(out += '-', parts.tm_mon + 1L, 2);
  append_padded(out += '-', parts.tm_mday, 2);
  append_padded(out += 'T', parts.tm_hour, 2);
  append_padded(out += ':', parts.tm_min, 2);
  append_padded(out += ':', parts.tm_sec, 2);
  append_padded(out += '.', std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count(), 3);
  out += 'Z';
}

void append_key(std::string& out, std::string_view key) {
  for (const char c : key.substr(0, max_value_bytes)) {
    const bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '.' || c == '-';
    out += legal ? c : '_';
  }
}

void append_quoted(std::string& out, std::string_view text, Escaping escaping) {
  out += '"';
  append_escaped(out, text, escaping);
  out += '"';
}

template <typename Number>
void append_number(std::string& out, Number number) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

struct AppendValue {
  std::string& out;
  Escaping escaping;

  void operator()(std::string_view text) const {
    if (escaping == Escaping::text && text.size() <= max_value_bytes && is_plain(text)) out += text;
    else append_quoted(out, text, escaping);
  }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(double number) const {
    // RFC 8259 knows no infinity and no NaN.
    if (escaping == Escaping::json && !std::isfinite(number)) out += "null";
    else append_number(out, number);
  }
  void operator()(std::int64_t number) const { append_number(out, number); }
  void operator()(std::uint64_t number) const { append_number(out, number); }
};

void append_text(std::string& out, Prefix prefix, std::chrono::system_clock::time_point now, Level level,
                 std::string_view message, std::initializer_list<Field> fields) {
  if (prefix == Prefix::syslog) {
    out += syslog_prefix(level);
  } else {
    append_time(out, now);
    out += ' ';
    const std::string_view name = name_of(level);
    out += name;
    out.append(name.size() < 5 ? 6 - name.size() : 1, ' ');
  }
  append_escaped(out, message, Escaping::text);
  for (const Field& field : fields) {
    append_key(out += ' ', field.key);
    std::visit(AppendValue{out += '=', Escaping::text}, field.value);
  }
}

void append_json(std::string& out, std::chrono::system_clock::time_point now, Level level, std::string_view message,
                 std::initializer_list<Field> fields) {
  append_time(out += "{\"time\":\"", now);
  out += "\",\"level\":\"";
  out += name_of(level);
  append_quoted(out += "\",\"message\":", message, Escaping::json);
  for (const Field& field : fields) {
    append_key(out += ",\"", field.key);
    std::visit(AppendValue{out += "\":", Escaping::json}, field.value);
  }
  out += '}';
}

}  // namespace

std::string make_line(Layout layout, std::chrono::system_clock::time_point now, Level level, std::string_view message,
                      std::initializer_list<Field> fields) {
  std::string out;
  out.reserve(128);
  if (layout.format == Format::json) append_json(out, now, level, message, fields);
  else append_text(out, layout.prefix, now, level, message, fields);
  out += '\n';
  return out;
}

}  // namespace arbortls::log
