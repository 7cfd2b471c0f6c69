#pragma once
// A View is what the control side shows of the state in force: made by the keeper, immutable.

#include "base/problem.hpp"
#include "config/settings.hpp"
#include "server/troubles.hpp"
#include "session/metrics.hpp"
#include "issuance/options.hpp"
#include "session/snapshot.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace arbortls::server {

struct LastReload {
  bool ok = true;
  std::int64_t time = 0;  // Unix seconds; 0 = none yet
  Problems problems;      // why it was refused
};

// A listener that speaks HTTP.
struct DoorView {
  std::string name;
  config::ListenerKind kind = config::ListenerKind::http_redirect;
  std::string address;  // as bound
};

struct View {
  session::SnapshotPtr snapshot;
  std::vector<std::string> addresses;  // of the listeners, as bound
  std::vector<DoorView> doors;
  Troubles problems;
  std::size_t domains = 0;
  std::size_t certificates = 0;
  std::size_t pending = 0;  // certificates still to be read
  std::size_t unsaved = 0;  // last good copies still to be brought up to date
  LastReload last_reload;
  std::string watch_degraded;  // "" or why some paths are only polled
  std::chrono::milliseconds drain_timeout{30'000};
  issuance::Options issuing;
  config::Expiry expiry;
};

using ViewPtr = std::shared_ptr<const View>;

boost::json::object problem_json(const Problem& problem);
boost::json::array problems_json(const Problems& problems);
std::string iso_time(std::int64_t unix_time);  // 2026-11-21T10:00:00Z

struct ProcessFacts {
  std::string version;
  std::int64_t started = 0;
  bool draining = false;
};

boost::json::object status_json(const View& view, const session::Metrics& metrics,
                                const ProcessFacts& process, std::int64_t now);
// Prometheus text.
std::string metrics_text(const View& view, const session::Metrics& metrics);

}  // namespace arbortls::server
