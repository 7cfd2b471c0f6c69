#pragma once
// Limits: the configuration's for sessions to apply, and what of the domains' is used up for the control side to show.

#include "config/settings.hpp"
#include "session/admission.hpp"

#include <boost/json/array.hpp>

namespace arbortls::server {

session::AdmissionRules admission_rules(const config::Limits& limits);

// The domains and listeners whose limits were used last, those with most connections first; at most 20.
boost::json::array domain_limits_json(const session::UsageTable& usage);

}  // namespace arbortls::server
