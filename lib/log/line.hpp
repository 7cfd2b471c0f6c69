#pragma once
// One record to one line, ended by a line feed and holding no other. Pure: takes the time, keeps nothing.

#include "log/logger.hpp"

#include <chrono>
#include <string>

namespace arbortls::log {

struct Layout {
  Format format = Format::text;
  Prefix prefix = Prefix::time;
};

std::string make_line(Layout layout, std::chrono::system_clock::time_point now, Level level, std::string_view message,
                      std::initializer_list<Field> fields);

}  // namespace arbortls::log
