#pragma once
// Tree<T>: the platform's domains and the walk over them. It knows names and parents and carries a
// T for each domain; it knows no certificate, no socket, no OpenSSL.
//
// The order of the walk (each stage visits a subject; a domain that is in the tree comes with its node):
//   name in the tree:      domain (itself), then ancestor... (its parents), then master (the root; left out
//                          when the name is the master itself).
//   name not in the tree:  domain (itself, no node), then suffix for each name got by dropping the leftmost
//                          label (node or none), then master in any case, suffix or not (left out if a
//                          suffix stage has visited it already: then that visit has stage master).
// A domain's parent is its explicit parent, else the longest suffix of its name that is in the tree, else
// the master. Cost O(labels + depth); nothing is allocated.

#include "base/problem.hpp"
#include "domain/name_map.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace arbortls::domain {

enum class Stage { domain, ancestor, suffix, master };
std::string_view to_string(Stage stage) noexcept;

// The contract of Tree<T>, implemented below by the domain module:
//
//   struct Node { std::string name; std::string parent /* explicit, else "" */; Place place; T value; };
//   using NodePtr = std::shared_ptr<const Node>;
//
//   explicit Tree(std::string master)            only the master's name is known; it may have no node
//   const std::string& master() const
//   const Node* find(std::string_view name) const noexcept;
//   const Node* parent(const Node&) const noexcept;          nullptr for the master (or if it has no node)
//   std::size_t size() const;
//   Tree with(NodePtr) const;   Tree without(std::string_view name) const;      O(log n), share the rest
//   template <class F> void for_each(F f) const;             f(const NodePtr&)
//
//   // Visits the stages in order until `visit` returns true (= stop). Returns whether it was stopped.
//   template <class F> bool walk(std::string_view name, F visit) const;
//       bool visit(Stage stage, std::string_view subject, const Node* node)
//
//   // Only the nodes on the settings path: the same walk, nodes that exist only.
//   template <class F> bool walk_nodes(std::string_view name, F visit) const;   bool visit(const Node&)
//
//   // Structural rules for the whole tree: a loop, a parent that is not in the tree, a parent on the master,
//   // a chain deeper than max_depth. One Problem each, at the node's place, key = the domain's name.
//   Problems check() const;
//   // The same rules for what a change of one name can break: O(depth).
//   Problems check(std::string_view name) const;

inline constexpr int max_depth = 64;

}  // namespace arbortls::domain
