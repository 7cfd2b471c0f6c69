#pragma once
// What a certificate that is looked into means for the tree of domains.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <set>
#include <string>
#include <vector>

namespace arbortls::daemon {

// `tree` and `certificates` as `arbortls tree` and `arbortls certs` print them. `leaves` are the
// SHA-256s of the certificates looked into, `names` what they bear. Gives `covers` and `serves`
// (domains), and `would_serve` ({as, domains, not_covered}): what it would serve as the
// certificate_pem of the uppermost domain that it covers.
boost::json::object coverage_of(const boost::json::array& tree,
                                const boost::json::array& certificates,
                                const std::set<std::string>& leaves,
                                const std::vector<std::string>& names);

// For a person: long lists are cut.
std::string coverage_text(const boost::json::object& coverage);

}  // namespace arbortls::daemon
