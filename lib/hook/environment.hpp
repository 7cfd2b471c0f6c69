#pragma once
// The environment of a hook program.

#include "hook/program.hpp"

#include <string>
#include <vector>

namespace arbortls::hook {

// NAME=value each: PATH, LANG and the facts, as Facts promises.
std::vector<std::string> environment_of(const Facts& facts);

}  // namespace arbortls::hook
