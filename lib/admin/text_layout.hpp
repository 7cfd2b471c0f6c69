#pragma once
// Columns, blocks and safe text for a terminal. Inner part of render.hpp.

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::admin {

using Row = std::vector<std::string>;

// Control bytes (C0, DEL, C1 in UTF-8) as \xNN, so that no text can steer a terminal.
std::string printable(std::string_view text);

// One line for a value: texts as they are, null as "-", nested ones as compact JSON; lists of plain
// values joined by ", ". `key` tells what a number means: Unix seconds of *not_after, *not_before
// and *_at become a date,
// *_seconds of a minute and more a duration.
std::string value_text(std::string_view key, const boost::json::value& value);

// Rows with columns padded to the widest cell, each line indented; no trailing blanks.
std::string table(const std::vector<Row>& rows, std::size_t indent);

// "3d 4h", "4h 10m", "5m 3s", "7s".
std::string duration_text(std::int64_t seconds);

// `key` padded, then the value, for every key of the object that holds a plain value; then the
// nested ones.
std::string block(const boost::json::object& object, std::size_t indent);

// A table of the objects with a heading, or one line an element for other values.
std::string list(const boost::json::array& array, std::size_t indent);

}  // namespace arbortls::admin
