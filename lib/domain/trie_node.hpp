#pragma once
// The nodes of a NameTrie: one allocation each, a bitmap of the ways that are taken and only their slots,
// side by side. Counted references; a node that has more than one is never changed.

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <variant>

namespace arbortls::domain {

inline constexpr unsigned trie_bits = 5;
inline constexpr unsigned trie_end = 65;  // first shift at which no bits of the hash are left

constexpr std::uint32_t trie_bit(std::uint64_t hash, unsigned shift) noexcept {
  return std::uint32_t{1} << ((hash >> shift) & 31);
}

template <class Entry>
class TrieNode;

// An owning reference to a node, or none.
template <class Entry>
class TrieRef {
 public:
  TrieRef() = default;
  explicit TrieRef(TrieNode<Entry>* node) noexcept : node_(node) {}  // takes over one count
  TrieRef(const TrieRef& other) noexcept : node_(other.node_) {
    if (node_ != nullptr) node_->retain();
  }
  TrieRef(TrieRef&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  TrieRef& operator=(TrieRef other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~TrieRef() {
    if (node_ != nullptr) node_->release();
  }

  TrieNode<Entry>* get() const noexcept { return node_; }
  TrieNode<Entry>& operator*() const noexcept { return *node_; }
  TrieNode<Entry>* operator->() const noexcept { return node_; }
  explicit operator bool() const noexcept { return node_ != nullptr; }

 private:
  TrieNode<Entry>* node_ = nullptr;
};

// An entry or a child.
template <class Entry>
class TrieSlot {
 public:
  explicit TrieSlot(Entry entry) : content_(std::move(entry)) {}
  explicit TrieSlot(TrieRef<Entry> child) : content_(std::move(child)) {}

  const Entry* entry() const noexcept { return std::get_if<Entry>(&content_); }
  const TrieRef<Entry>& child() const& noexcept { return *std::get_if<TrieRef<Entry>>(&content_); }
  TrieRef<Entry> child() && noexcept { return std::move(*std::get_if<TrieRef<Entry>>(&content_)); }

 private:
  std::variant<Entry, TrieRef<Entry>> content_;
};

template <class Entry>
class TrieNode {
  using Ref = TrieRef<Entry>;
  using Slot = TrieSlot<Entry>;
  static_assert(alignof(Slot) <= alignof(std::max_align_t));

 public:
  static Ref single(std::uint32_t bit, Slot slot) {
    Ref node(allocate(1));
    node->append(std::move(slot));
    node->bitmap_ = bit;
    return node;
  }
  // Entries whose hashes are equal to the last bit: searched one by one.
  static Ref collision(Slot slot) { return single(0, std::move(slot)); }

  static Ref copy(const TrieNode& node) {
    Ref out(allocate(node.count_));
    for (unsigned i = 0; i < node.count_; ++i) out->append(Slot(node[i]));
    out->bitmap_ = node.bitmap_;
    return out;
  }
  // `node` itself if nobody else has it, else a copy.
  static Ref own(Ref node) { return node->is_unique() ? std::move(node) : copy(*node); }

  static Ref with_slot(Ref node, std::uint32_t bit, unsigned at, Slot slot) {
    Ref out(allocate(node->count_ + 1));
    const bool unique = node->is_unique();
    for (unsigned i = 0; i < node->count_; ++i) {
      if (i == at) out->append(std::move(slot));
      out->append(unique ? std::move((*node)[i]) : Slot((*node)[i]));
    }
    if (at == node->count_) out->append(std::move(slot));
    out->bitmap_ = node->bitmap_ | bit;
    return out;
  }
  // None if no slot is left.
  static Ref without_slot(const TrieNode& node, std::uint32_t bit, unsigned at) {
    if (node.count_ == 1) return {};
    Ref out(allocate(node.count_ - 1));
    for (unsigned i = 0; i < node.count_; ++i) {
      if (i != at) out->append(Slot(node[i]));
    }
    out->bitmap_ = node.bitmap_ & ~bit;
    return out;
  }

  bool is_collision() const noexcept { return bitmap_ == 0; }
  std::uint32_t bitmap() const noexcept { return bitmap_; }
  unsigned count() const noexcept { return count_; }
  unsigned index(std::uint32_t bit) const noexcept {
    return static_cast<unsigned>(std::popcount(bitmap_ & (bit - 1)));
  }
  const Slot* slot_for(std::uint64_t hash, unsigned shift) const noexcept {
    const std::uint32_t bit = trie_bit(hash, shift);
    return (bitmap_ & bit) != 0 ? &(*this)[index(bit)] : nullptr;
  }
  const Slot& operator[](unsigned i) const noexcept { return slots()[i]; }
  Slot& operator[](unsigned i) noexcept { return slots()[i]; }

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(this);
  }

 private:
  TrieNode() = default;
  ~TrieNode() = default;

  static constexpr std::size_t slots_offset() noexcept {
    return (sizeof(TrieNode) + alignof(Slot) - 1) / alignof(Slot) * alignof(Slot);
  }
  static TrieNode* allocate(std::size_t slots) {
    return new (::operator new(slots_offset() + slots * sizeof(Slot))) TrieNode;
  }
  static void destroy(TrieNode* node) noexcept {
    std::destroy_n(node->slots(), node->count_);
    node->~TrieNode();
    ::operator delete(node);
  }
  const Slot* slots() const noexcept {
    return reinterpret_cast<const Slot*>(reinterpret_cast<const std::byte*>(this) + slots_offset());
  }
  Slot* slots() noexcept {
    return reinterpret_cast<Slot*>(reinterpret_cast<std::byte*>(this) + slots_offset());
  }
  void append(Slot slot) noexcept(std::is_nothrow_move_constructible_v<Slot>) {
    new (slots() + count_) Slot(std::move(slot));
    ++count_;
  }
  bool is_unique() const noexcept { return references_.load(std::memory_order_acquire) == 1; }

  std::atomic<std::uint32_t> references_{1};
  std::uint32_t bitmap_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace arbortls::domain
