#pragma once
// NameTrie<Entry>: an immutable set of entries that are found by name, in which a change costs O(log n) and
// shares everything else with the trie it came from (a hash array mapped trie, 32 ways a level). Any number
// of threads may read one, and tries that share parts may be changed and destroyed in different threads.
// Entry is copyable and has `std::string_view name() const noexcept`.

#include "domain/name_hash.hpp"
#include "domain/trie_node.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace arbortls::domain {

template <class Entry, class Hash = NameHash>
class NameTrie {
  using Node = TrieNode<Entry>;
  using Ref = TrieRef<Entry>;

 public:
  // The entry of that name or nullptr; valid as long as a trie that shares it. Allocates nothing.
  const Entry* find(std::string_view name) const noexcept {
    const std::uint64_t hash = Hash{}(name);
    const Node* node = root_.get();
    for (unsigned shift = 0; node != nullptr; shift += trie_bits) {
      if (node->is_collision()) return find_linear(*node, name);
      const TrieSlot<Entry>* slot = node->slot_for(hash, shift);
      if (slot == nullptr) return nullptr;
      if (const Entry* entry = slot->entry()) return entry->name() == name ? entry : nullptr;
      node = slot->child().get();
    }
    return nullptr;
  }

  // Inserts or replaces. On an rvalue, parts that nobody else shares are changed in place.
  NameTrie with(Entry entry) const& { return NameTrie(*this).with(std::move(entry)); }
  NameTrie with(Entry entry) && {
    const std::uint64_t hash = Hash{}(entry.name());
    bool added = false;
    Ref root = insert(std::move(root_), hash, 0, std::move(entry), added);
    return NameTrie(std::move(root), std::exchange(size_, 0) + (added ? 1 : 0));
  }

  NameTrie without(std::string_view name) const {
    if (find(name) == nullptr) return *this;
    return NameTrie(erase(*root_, Hash{}(name), 0, name), size_ - 1);
  }

  std::size_t size() const noexcept { return size_; }

  // f(const Entry&), in no particular order.
  template <class F>
  void for_each(F&& f) const {
    if (root_) visit(*root_, f);
  }

  NameTrie() = default;

 private:
  NameTrie(Ref root, std::size_t size) noexcept : root_(std::move(root)), size_(size) {}

  static const Entry* find_linear(const Node& node, std::string_view name) noexcept {
    for (unsigned i = 0; i < node.count(); ++i) {
      if (node[i].entry()->name() == name) return node[i].entry();
    }
    return nullptr;
  }

  // Consumes `node`: a reference that is the only one may be changed in place.
  static Ref insert(Ref node, std::uint64_t hash, unsigned shift, Entry entry, bool& added) {
    if (!node) {
      added = true;
      return shift < trie_end ? Node::single(trie_bit(hash, shift), TrieSlot<Entry>(std::move(entry)))
                              : Node::collision(TrieSlot<Entry>(std::move(entry)));
    }
    if (node->is_collision()) return insert_linear(std::move(node), std::move(entry), added);
    const std::uint32_t bit = trie_bit(hash, shift);
    const unsigned at = node->index(bit);
    if ((node->bitmap() & bit) == 0) {
      added = true;
      return Node::with_slot(std::move(node), bit, at, TrieSlot<Entry>(std::move(entry)));
    }
    node = Node::own(std::move(node));
    TrieSlot<Entry>& slot = (*node)[at];
    slot = replacement(std::move(slot), hash, shift, std::move(entry), added);
    return node;
  }

  static TrieSlot<Entry> replacement(TrieSlot<Entry> old, std::uint64_t hash, unsigned shift, Entry entry,
                                     bool& added) {
    const unsigned next = shift + trie_bits;
    if (const Entry* present = old.entry()) {
      if (present->name() == entry.name()) return TrieSlot<Entry>(std::move(entry));
      const std::uint64_t present_hash = Hash{}(present->name());
      Ref child = insert(Ref{}, present_hash, next, *present, added);
      return TrieSlot<Entry>(insert(std::move(child), hash, next, std::move(entry), added));
    }
    return TrieSlot<Entry>(insert(std::move(old).child(), hash, next, std::move(entry), added));
  }

  static Ref insert_linear(Ref node, Entry entry, bool& added) {
    for (unsigned i = 0; i < node->count(); ++i) {
      if ((*node)[i].entry()->name() != entry.name()) continue;
      node = Node::own(std::move(node));
      (*node)[i] = TrieSlot<Entry>(std::move(entry));
      return node;
    }
    added = true;
    const unsigned end = node->count();
    return Node::with_slot(std::move(node), 0, end, TrieSlot<Entry>(std::move(entry)));
  }

  // `name` is in the trie.
  static Ref erase(const Node& node, std::uint64_t hash, unsigned shift, std::string_view name) {
    if (node.is_collision()) {
      unsigned at = 0;
      while (node[at].entry()->name() != name) ++at;
      return Node::without_slot(node, 0, at);
    }
    const std::uint32_t bit = trie_bit(hash, shift);
    const unsigned at = node.index(bit);
    if (node[at].entry() != nullptr) return Node::without_slot(node, bit, at);
    Ref child = erase(*node[at].child(), hash, shift + trie_bits, name);
    if (!child) return Node::without_slot(node, bit, at);
    Ref copy = Node::copy(node);
    // A child with one entry left moves up, so that tries do not grow by coming and going.
    const bool lone = child->count() == 1 && (*child)[0].entry() != nullptr;
    (*copy)[at] = lone ? TrieSlot<Entry>(*(*child)[0].entry()) : TrieSlot<Entry>(std::move(child));
    return copy;
  }

  template <class F>
  static void visit(const Node& node, F& f) {
    for (unsigned i = 0; i < node.count(); ++i) {
      if (const Entry* entry = node[i].entry()) {
        f(*entry);
      } else {
        visit(*node[i].child(), f);
      }
    }
  }

  Ref root_;
  std::size_t size_ = 0;
};

}  // namespace arbortls::domain
