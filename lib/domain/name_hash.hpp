#pragma once
// A seeded 64-bit hash of names: nobody outside the process can choose names that collide.

#include <cstdint>
#include <string_view>

namespace arbortls::domain {

// Without allocation; the seed is drawn at random once a process.
struct NameHash {
  std::uint64_t operator()(std::string_view name) const noexcept;
};

}  // namespace arbortls::domain
