#pragma once
// Counts what operator new gives out in this executable. Defined apart, so that no caller inlines it.

#include <cstddef>

namespace arbortls::tests {
std::size_t allocations() noexcept;  // since the start
}
