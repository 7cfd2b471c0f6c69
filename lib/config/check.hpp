#pragma once
// Rules that span several keys: names said twice, backends that do not exist, listeners that lead
// nowhere.

#include "base/problem.hpp"
#include "config/settings.hpp"

namespace arbortls::config {

// Gives nameless listeners their names, `listener-N`.
void name_listeners(Settings& settings);

void check_whole(const Settings& settings, Problems& problems);

// For one domain read alone.
void check_backend(const Inherited& inherited, const Settings& settings, Problems& problems);

}  // namespace arbortls::config
