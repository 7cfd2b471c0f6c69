#pragma once
// What a root may sign for: the name constraints of RFC 5280, 4.2.1.10. Pure but for OpenSSL's
// types.

#include "base/result.hpp"
#include "openssl/handles.hpp"

#include <string>
#include <vector>

namespace arbortls::authority {

struct Permitted {
  std::vector<std::string> names;     // each with everything below it; lower case
  std::vector<std::string> networks;  // such as "10.0.0.0/8", "fd00::/8"; none: no address at all
};

// The ranges that no public authority signs for: RFC 1918, RFC 4193, loopback, link-local.
std::vector<std::string> private_networks();

// Lower case, sorted, each name and network once and none that another one holds already; an
// address alone is a network of its own. Errors: no name, or too many; what is neither a name nor a
// network; a wildcard; bits behind a network's prefix.
Result<Permitted> normalized(const Permitted& wanted);

// A host name or wildcard in lower case; an address as inet_ntop(3) writes it.
std::string canonical_name(const std::string& name);

// `name` is a host name, a wildcard (of which everything it can stand for has to be permitted) or
// an address. `permitted` is normalized.
bool permits(const Permitted& permitted, const std::string& name);

// Those of `names` that are not permitted, in their order.
std::vector<std::string> not_permitted(const Permitted& permitted,
                                       const std::vector<std::string>& names);

// "example.com, 10.0.0.0/8", for messages; what is beyond the first few is counted.
std::string to_text(const Permitted& permitted);

// Adds the extension. A family of addresses without a network is shut out as a whole: a constraint
// says nothing about kinds of names it does not mention. False: see OpenSSL's errors.
bool add_constraints(X509* x509, const Permitted& permitted, bool critical);

// What add_constraints wrote. Errors: no constraints, or some of another kind.
Result<Permitted> constraints_of(X509* x509);

}  // namespace arbortls::authority
