#pragma once
// What config/reference.md says around the table of keys.

#include <string_view>

namespace arbortls::config {

extern const std::string_view reference_opening;
extern const std::string_view reference_closing;

}  // namespace arbortls::config
