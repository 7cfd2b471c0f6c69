#pragma once
// Puts keys, leaves and chains together and judges the result.

#include "cert/load.hpp"
#include "cert/material.hpp"

namespace arbortls::cert {

// Errors hold every reason, "; " between.
Result<Loaded> assemble(Material material, const LoadOptions& options, Desk& desk);

}  // namespace arbortls::cert
