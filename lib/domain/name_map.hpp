#pragma once
// NameMap<V>: an immutable map from name to V in which a change costs O(log n) and shares everything
// else with the map it came from (a hash array mapped trie). Any number of threads may read one.

#include <cstddef>
#include <string>
#include <string_view>

namespace arbortls::domain {
// Implemented by the domain module; see the contract:
//   NameMap<V>()                                       empty
//   const V* find(std::string_view) const noexcept     no allocation
//   NameMap with(std::string name, V value) const      inserts or replaces
//   NameMap without(std::string_view) const
//   std::size_t size() const noexcept
//   template <class F> void for_each(F&& f) const      f(std::string_view name, const V&), any order
}  // namespace arbortls::domain
