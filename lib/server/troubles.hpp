#pragma once
// Troubles is what is wrong at the moment, by whose it is. Immutable parts are shared: a copy is
// cheap, and a change of one entry costs O(log n) however many there are. Copies may be read by any
// thread.

#include "base/problem.hpp"
#include "domain/name_map.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace arbortls::server {

class Troubles {
 public:
  // Replaces what is known of `key`: a domain's name, `listener NAME`, a file, "" for the
  // configuration. None clears it.
  void set(const std::string& key, Problems problems);

  std::size_t size() const noexcept { return size_; }  // problems, not keys
  bool empty() const noexcept { return size_ == 0; }
  const Problems* find(
      std::string_view key) const noexcept;  // null: none; valid as long as a copy that shares it
  Problems all() const;                      // sorted by the problems' keys

 private:
  domain::NameMap<std::shared_ptr<const Problems>> by_key_;
  std::size_t size_ = 0;
};

bool same_texts(const Problems& a, const Problems& b);

// What is in `now` and was not in `before`. Linear: for reloads only.
Problems news(const Troubles& before, const Troubles& now);

}  // namespace arbortls::server
