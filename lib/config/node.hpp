#pragma once
// Text to a tree of nodes with places. Bounded against hostile text: nesting depth, what aliases
// may expand to, control characters. Knows YAML, but no key of ours.

#include "base/problem.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::config {

struct Node {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  bool quoted = false;  // a scalar in quotes or a block: never a number or a boolean
  int line = 0;         // both count from 1
  int column = 0;
  std::string text;
  std::vector<const Node*> items;  // of a map: key, value, key, value ...
  std::size_t weight = 1;          // nodes below and including this one, aliases expanded
};

inline constexpr std::size_t max_nesting = 32;
inline constexpr std::size_t max_aliased_nodes = 100'000;

// Owns its nodes; moving it leaves them where they are.
struct Document {
  std::deque<Node> nodes;
  const Node* root = nullptr;  // nullptr when the text holds no document
};

// A text that is not sound YAML leaves one problem with its place, and no root. Throws nothing but
// bad_alloc.
Document read_document(std::string_view text, const std::string& file, Problems& problems);

}  // namespace arbortls::config
