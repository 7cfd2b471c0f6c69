#pragma once
// What ends of all that is served or trusted. What is not wanted costs a comparison, no more:
// nothing of it is decoded.

#include "expiry/watch.hpp"
#include "issuance/report.hpp"
#include "server/troubles.hpp"
#include "tls/site.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace arbortls::server {

using Things = std::vector<expiry::Thing>;
// Asked with a thing's dates alone; its texts are not known yet.
using EndFilter = std::function<bool(const expiry::Thing&)>;

// Each domain's own certificate, each certdir and the default, one thing for each of its keys. One
// that is made automatically renews when `report` says so, else after two thirds of its life.
Things certificates_that_end(const tls::Site& site, const issuance::Report& report,
                             const EndFilter& wanted);

// Each distinct member of their chains once; its place is the first by name that serves it.
Things chain_members_that_end(const tls::Site& site, const EndFilter& wanted);

// The roots in `authority`, the daemon's own CA's directory, and what the tree's `acme_ca_file`s
// hold. Blocks on files; what cannot be read is left out.
Things cas_that_end(const tls::Site& site, const std::string& authority, const EndFilter& wanted);

// The earliest end of what is served, members of chains included; cert::no_end where nothing is.
std::int64_t earliest_end(const tls::Site& site);

// What on disk is not what is served: files with errors, and certificates that were put in place
// and are not in force. `since` remembers from call to call when each was first seen.
using FirstSeen = std::map<std::string, std::int64_t>;
Things files_not_served(const Troubles& troubles, const issuance::Report& report, std::int64_t now,
                        FirstSeen& since);

}  // namespace arbortls::server
