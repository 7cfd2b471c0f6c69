#pragma once
// The list of `arbortls expiring`.

#include "issuance/report.hpp"
#include "server/view.hpp"

#include <boost/json/array.hpp>

#include <cstdint>
#include <string>

namespace arbortls::server {

// What ends within `within` seconds of `now`, soonest first: domains by the certificate that
// applies to them, certdirs, members of chains, and CAs; `authority` is the directory of the
// daemon's own. What is made automatically has `renewal`.
boost::json::array expiring_json(const View& view, const issuance::Report& report,
                                 const std::string& authority, std::int64_t now,
                                 std::int64_t within);

}  // namespace arbortls::server
