#pragma once
// Explain: the selection for one name told step by step, by the same code that serves handshakes.

#include "base/result.hpp"
#include "server/troubles.hpp"
#include "session/snapshot.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace arbortls::server {

// An Error for a listener that does not exist, or a name that is no host name. `troubles` are those of the state
// explained; what concerns the outcome becomes a warning.
Result<boost::json::object> explain_json(const session::Snapshot& snapshot, const std::string& listener,
                                         const std::optional<std::string>& name,
                                         const Troubles& troubles, std::int64_t now);

}  // namespace arbortls::server
