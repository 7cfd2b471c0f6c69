#pragma once
// AddressTable: what each client address costs just now: its handshakes in progress, and how far it has used up its
// allowance of new connections. Of fixed size; nothing is allocated after construction, however many addresses come.
//
// An address needs a place while a handshake of its own is in progress or its allowance is not whole. Where all
// places it may have are taken, the one that is nearest to being whole again and has no handshake gives way: that
// address gets its allowance back early. If each has a handshake, the newcomer goes uncounted: a crowd of addresses
// must not shut out the others, and the limit over all addresses still holds.
//
// Any thread may call. An address's key, count and allowance change together, and a place may change its owner, so
// a lock stands before each part of the table, not an atomic: it is held for some tens of nanoseconds, twice a
// handshake, by handshake threads only.

#include "net/address.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace arbortls::session {

struct AddressRules {
  std::uint32_t handshakes = 0;         // in progress at once; 0 = no limit
  std::chrono::nanoseconds interval{0}; // between new connections over time; 0 = no limit
  std::chrono::nanoseconds burst{0};    // as many intervals as may be used up at once; at least one

  bool any() const noexcept { return handshakes != 0 || interval.count() != 0; }
};

class AddressTable {
 public:
  using Key = std::uint64_t;  // 0 stands for nobody
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Verdict { counted, uncounted, too_many_handshakes, too_fast };

  // Room for `places` addresses, rounded up to whole sets; `seed` keeps a stranger from foreseeing who shares one.
  AddressTable(std::size_t places, std::uint64_t seed);

  // What an address counts by: IPv4 whole, mapped or not; IPv6 by its /64, which is one household or one host.
  static Key key_of(const net::Address& ip) noexcept;

  // One more handshake of `key`, if the rules allow. After `counted`, leave() is owed.
  Verdict enter(Key key, const AddressRules& rules, TimePoint now) noexcept;
  void leave(Key key) noexcept;

 private:
  struct Place {
    Key key;
    std::int64_t whole_at;  // nanoseconds of the steady clock: when the allowance is whole again
    std::uint32_t handshakes;
  };
  static constexpr std::size_t ways = 8;
  using Set = std::array<Place, ways>;
  struct alignas(64) Part {
    std::mutex mutex;
  };
  struct Free {
    void operator()(void* memory) const noexcept { std::free(memory); }
  };

  std::size_t set_of(Key key) const noexcept;
  static Place* find(Set& set, Key key) noexcept;
  static Place* make_room(Set& set, std::int64_t now) noexcept;

  std::size_t mask_;
  std::uint64_t seed_;
  std::unique_ptr<Set[], Free> sets_;  // untouched pages cost nothing
  std::array<Part, 64> parts_;
};

}  // namespace arbortls::session
