#pragma once
// NameMap<V>: an immutable map from name to V in which a change costs O(log n) and shares everything
// else with the map it came from (a hash array mapped trie). Any number of threads may read one.

#include "domain/name_trie.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace arbortls::domain {

template <class V, class Hash = NameHash>
class NameMap {
 public:
  NameMap() = default;

  // The value or nullptr; valid as long as a map that shares it. Allocates nothing.
  const V* find(std::string_view name) const noexcept {
    const Entry* entry = trie_.find(name);
    return entry != nullptr ? &entry->value : nullptr;
  }

  // Inserts or replaces. On an rvalue, parts that nobody else shares are changed in place.
  NameMap with(std::string name, V value) const& {
    return NameMap(trie_.with(Entry{std::move(name), std::move(value)}));
  }
  NameMap with(std::string name, V value) && {
    return NameMap(std::move(trie_).with(Entry{std::move(name), std::move(value)}));
  }
  NameMap without(std::string_view name) const { return NameMap(trie_.without(name)); }

  std::size_t size() const noexcept { return trie_.size(); }

  // f(std::string_view name, const V&), in no particular order.
  template <class F>
  void for_each(F&& f) const {
    trie_.for_each([&f](const Entry& entry) { f(entry.name(), entry.value); });
  }

 private:
  struct Entry {
    std::string key;
    V value;
    std::string_view name() const noexcept { return key; }
  };
  using Trie = NameTrie<Entry, Hash>;

  explicit NameMap(Trie trie) noexcept : trie_(std::move(trie)) {}

  Trie trie_;
};

}  // namespace arbortls::domain
