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
// The master is in the tree even without a node: it then is visited with none. A walk ends on any tree: after
// max_depth ancestors it goes to the master, and a parent that is missing counts as the master.

#include "base/problem.hpp"
#include "domain/name.hpp"
#include "domain/name_trie.hpp"
#include "domain/tree_check.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace arbortls::domain {

enum class Stage { domain, ancestor, suffix, master };
std::string_view to_string(Stage stage) noexcept;

// The most steps from a domain up to the master that check() accepts.
inline constexpr int max_depth = 64;

// Immutable; copies are cheap and share everything. Any number of threads may read one.
template <class T>
class Tree {
 public:
  struct Node {
    std::string name;    // normalized
    std::string parent;  // explicit, normalized; else ""
    Place place;
    T value;
  };
  using NodePtr = std::shared_ptr<const Node>;

  // Only the master's name is known; it may have no node.
  explicit Tree(std::string master) : master_(std::make_shared<const std::string>(std::move(master))) {}

  const std::string& master() const noexcept { return *master_; }
  std::size_t size() const noexcept { return nodes_.size(); }

  // Valid as long as a tree that shares the node.
  const Node* find(std::string_view name) const noexcept {
    const Entry* entry = nodes_.find(name);
    return entry != nullptr ? entry->node.get() : nullptr;
  }
  NodePtr find_shared(std::string_view name) const noexcept {
    const Entry* entry = nodes_.find(name);
    return entry != nullptr ? entry->node : nullptr;
  }

  // nullptr for the master, and where the parent is a master without a node.
  const Node* parent(const Node& node) const noexcept {
    if (node.name == master()) return nullptr;
    if (!node.parent.empty()) {
      const Node* found = find(node.parent);
      return found != nullptr ? found : find(master());
    }
    for (auto rest = drop_label(node.name); !rest.empty(); rest = drop_label(rest)) {
      if (rest == master()) break;
      if (const Node* found = find(rest)) return found;
    }
    return find(master());
  }

  // Inserts or replaces by name; O(log n), the rest is shared. On an rvalue, what nobody shares is changed
  // in place: the way to build a large tree.
  Tree with(NodePtr node) const& { return Tree(*this).with(std::move(node)); }
  Tree with(NodePtr node) && { return Tree(master_, std::move(nodes_).with(Entry{std::move(node)})); }
  Tree without(std::string_view name) const { return Tree(master_, nodes_.without(name)); }

  // f(const NodePtr&), in no particular order.
  template <class F>
  void for_each(F f) const {
    nodes_.for_each([&f](const Entry& entry) { f(entry.node); });
  }

  // Visits the stages in order until `visit` returns true (= stop). Returns whether it was stopped.
  // bool visit(Stage stage, std::string_view subject, const Node* node)
  template <class F>
  bool walk(std::string_view name, F visit) const {
    if (name == master()) return visit(Stage::domain, name, find(name));
    const Node* node = find(name);
    if (visit(Stage::domain, name, node)) return true;
    return node != nullptr ? walk_up(*node, visit) : walk_suffixes(name, visit);
  }

  // Only the nodes on the settings path: the same walk, nodes that exist only. bool visit(const Node&)
  template <class F>
  bool walk_nodes(std::string_view name, F visit) const {
    return walk(name, [&visit](Stage, std::string_view, const Node* node) {
      return node != nullptr && visit(*node);
    });
  }

  // Structural rules for the whole tree: a loop, a parent that is not in the tree, a parent on the master,
  // a chain deeper than max_depth. One Problem each (a loop at its alphabetically first domain, a chain at the
  // first domain that is too deep), at the node's place, key = the domain's name; sorted by place. O(n).
  Problems check() const { return check_links(links(), master(), max_depth); }

  // The same rules for what a change of one name can break. For a name that is in the tree: its own chain, in
  // O(depth); domains below it that became too deep are only found by check(). For a name that was taken out:
  // the domains that were right below it, in O(n).
  Problems check(std::string_view name) const {
    Links chains;
    if (const Node* node = find(name)) {
      add_chain(*node, chains);
    } else {
      for_each([&](const NodePtr& other) {
        if (hung_under(*other, name)) add_chain(*other, chains);
      });
    }
    return check_links(std::move(chains), master(), max_depth);
  }

 private:
  struct Entry {
    NodePtr node;
    std::string_view name() const noexcept { return node->name; }
  };
  using Nodes = NameTrie<Entry>;

  Tree(std::shared_ptr<const std::string> master, Nodes nodes) noexcept
      : master_(std::move(master)), nodes_(std::move(nodes)) {}

  template <class F>
  bool walk_up(const Node& start, F& visit) const {
    const Node* at = parent(start);
    for (int depth = 1; at != nullptr && at->name != master() && depth < max_depth; ++depth) {
      if (visit(Stage::ancestor, std::string_view(at->name), at)) return true;
      at = parent(*at);
    }
    return visit(Stage::master, std::string_view(master()), find(master()));
  }

  template <class F>
  bool walk_suffixes(std::string_view name, F& visit) const {
    bool saw_master = false;
    for (auto rest = drop_label(name); !rest.empty(); rest = drop_label(rest)) {
      const bool is_master = rest == master();
      saw_master |= is_master;
      if (visit(is_master ? Stage::master : Stage::suffix, rest, find(rest))) return true;
    }
    return !saw_master && visit(Stage::master, std::string_view(master()), find(master()));
  }

  Link link(const Node& node) const {
    const Node* up = parent(node);
    const bool orphan = !node.parent.empty() && node.parent != master() && find(node.parent) == nullptr;
    return {node.name, node.parent, up != nullptr ? std::string_view(up->name) : std::string_view(),
            orphan && node.name != master(), &node.place};
  }
  Links links() const {
    Links out;
    out.reserve(size());
    for_each([&](const NodePtr& node) { out.push_back(link(*node)); });
    return out;
  }
  void add_chain(const Node& start, Links& out) const {
    const Node* at = &start;
    for (int depth = 0; at != nullptr && depth <= 2 * max_depth; ++depth, at = parent(*at)) {
      out.push_back(link(*at));
    }
  }
  static bool hung_under(const Node& node, std::string_view name) noexcept {
    if (node.parent == name) return true;
    const std::string_view own = node.name;
    return node.parent.empty() && own.size() > name.size() && own.ends_with(name) &&
           own[own.size() - name.size() - 1] == '.';
  }

  std::shared_ptr<const std::string> master_;
  Nodes nodes_;
};

}  // namespace arbortls::domain
