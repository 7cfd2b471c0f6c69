#pragma once
// The tree of domains as a picture.

#include <boost/json/value.hpp>

#include <string>

namespace arbortls::admin {

// `tree` is an array of objects with `name` and `parent` (null or "" for the root), or an object
// that holds one as `domains`; other keys that are true or texts stand behind the name. Anything
// else is shown as generic_text does.
std::string tree_text(const boost::json::value& tree);

}  // namespace arbortls::admin
