#pragma once
// What the making of certificates is told and asked by the daemon.

#include "config/settings.hpp"
#include "issuance/options.hpp"
#include "issuance/report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <vector>

namespace arbortls::server {

issuance::Options issuance_options(const config::Settings& settings);

// For `acme status`: {"domains": [...], "accounts": [...], "problem": ""}; times are Unix seconds.
boost::json::object report_json(const issuance::Report& report, std::int64_t now);

// For `status`: how many there are of each state, and which are left to operators or fail, at most ten of each.
boost::json::object summary_json(const issuance::Report& report, std::int64_t now);

// For `acme dry-run`.
boost::json::array rehearsal_json(const std::vector<issuance::Rehearsed>& rehearsal);

}  // namespace arbortls::server
