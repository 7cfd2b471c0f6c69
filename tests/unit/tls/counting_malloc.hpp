#pragma once
// Counts this executable's allocations, those of libraries included. Sanitizers bring their own allocator: there
// nothing is counted.

#include <cstddef>

namespace arbortls::test {
std::size_t allocations() noexcept;  // since the start
}
