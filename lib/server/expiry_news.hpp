#pragma once
// What the watch over expiry has found, as it stands in the log, in `status`, in metrics and before
// a hook program.

#include "expiry/watch.hpp"
#include "hook/runner.hpp"
#include "log/logger.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace arbortls::server {

// How things stand, whatever of it was said already. Values only.
struct ExpirySummary {
  std::int64_t time = 0;          // of the look, Unix seconds; 0: there was none yet
  std::int64_t earliest_end = 0;  // of what is served; 0: nothing is
  std::size_t near = 0;           // within `expiry.info`, but not `expiry.warning`
  std::size_t soon = 0;           // within `expiry.warning`
  std::size_t expired = 0;
  std::size_t renewals_overdue = 0;
  std::size_t files_not_served = 0;
  std::vector<std::string> worst;  // a sentence each, of the few that matter most
};

ExpirySummary summary_of(const std::vector<expiry::Thing>& things, const expiry::Notice& notice,
                         std::int64_t earliest_end, std::int64_t now);

void log_signal(log::Logger& logger, const expiry::Signal& signal);
// `expiring`, with ARBORTLS_DOMAIN, _WHAT, _LEVEL, _KIND, _SUBJECT, _NOT_AFTER and _RENEWAL_DUE
// (Unix seconds), _DAYS_LEFT and _DETAIL; those that are not known are left out.
hook::Event hook_event(const expiry::Signal& signal);

boost::json::object expiry_json(const ExpirySummary& summary);
std::string expiry_metrics(const ExpirySummary& summary, std::int64_t now);  // Prometheus text

}  // namespace arbortls::server
