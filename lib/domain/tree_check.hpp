#pragma once
// The structural rules of a domain tree, on names alone.

#include "base/problem.hpp"

#include <string_view>
#include <vector>

namespace arbortls::domain {

// One domain and where it hangs. The views and the place live as long as the tree's nodes.
struct Link {
  std::string_view name;
  std::string_view explicit_parent;  // as configured, else ""
  std::string_view parent;           // the domain it hangs under; "" for the master or under one with no node
  bool orphan = false;               // explicit_parent is not in the tree
  const Place* place = nullptr;
};
using Links = std::vector<Link>;

// The problems among `links`, which hold every parent they name, save below the cut of a chain that is too
// deep anyway. A domain may be listed twice; it is judged once. Sorted by place, then name.
Problems check_links(Links links, std::string_view master, int max_depth);

}  // namespace arbortls::domain
