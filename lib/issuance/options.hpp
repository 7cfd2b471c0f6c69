#pragma once
// How the office works, as configured.

#include "config/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace arbortls::issuance {

struct Options {
  std::string domains_dir;  // "": certificates have no place to go to, nothing is made
  std::size_t orders_per_3h = 300;
  bool self_check = false;  // see that a name reaches us at port 80 before it is ordered by http-01
  config::Hooks hooks;
  config::Authority authority;
};

}  // namespace arbortls::issuance
