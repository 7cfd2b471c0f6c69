#pragma once
// The longer answers of the control socket: the tree, and the certificates by their end.

#include "server/view.hpp"

#include <boost/json/array.hpp>

#include <cstdint>

namespace arbortls::server {

// One object a domain: name, parent (null for the master), certificate (true if it has its own), not_after.
boost::json::array tree_json(const View& view);

// One object a certificate that is served, a domain's or a listener's certdir's: owner, source, subject, sha256,
// key_types, not_after, days_left, expired; the one that ends first stands first.
boost::json::array certificates_json(const View& view, std::int64_t now);

}  // namespace arbortls::server
