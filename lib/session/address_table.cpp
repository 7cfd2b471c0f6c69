#include "session/address_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace arbortls::session {
namespace {

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
// Multicast addresses (ff00::/8) are nobody's own: room for those that a /64 alone would not tell apart.
constexpr std::uint64_t ipv4_keys = 0xffff'ffff'0000'0000;
constexpr std::uint64_t zero_network_key = 0xffff'fffe'0000'0000;

}  // namespace

AddressTable::AddressTable(std::size_t places, std::uint64_t seed)
    : mask_(std::bit_ceil(std::max<std::size_t>(1, (places + ways - 1) / ways)) - 1), seed_(seed) {
  sets_.reset(static_cast<Set*>(std::calloc(mask_ + 1, sizeof(Set))));
  if (!sets_) throw std::bad_alloc();
}

AddressTable::Key AddressTable::key_of(const net::Address& ip) noexcept {
  const auto bytes = ip.ip_bytes();
  std::uint64_t key = 0;
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
    for (std::size_t i = mapped.size(); i < bytes.size(); ++i) key = key << 8 | bytes[i];
    return ipv4_keys | key;
  }
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | bytes[i];
  return key != 0 ? key : zero_network_key;  // ::1
}

std::size_t AddressTable::set_of(Key key) const noexcept {
  std::uint64_t hash = key ^ seed_;
  for (const int shift : {30, 27, 31}) hash = (hash ^ hash >> shift) * 0xbf58476d1ce4e5b9;
  return (hash ^ hash >> 32) & mask_;
}

AddressTable::Place* AddressTable::find(Set& set, Key key) noexcept {
  const auto found = std::find_if(set.begin(), set.end(), [key](const Place& p) { return p.key == key; });
  return found != set.end() ? &*found : nullptr;
}

AddressTable::Place* AddressTable::make_room(Set& set, std::int64_t now) noexcept {
  Place* best = nullptr;
  for (Place& place : set) {
    if (place.handshakes != 0) continue;
    if (place.whole_at <= now) return &place;
    if (best == nullptr || place.whole_at < best->whole_at) best = &place;
  }
  return best;
}

AddressTable::Verdict AddressTable::enter(Key key, const AddressRules& rules, TimePoint now) noexcept {
  const std::int64_t time = std::chrono::nanoseconds(now.time_since_epoch()).count();
  const std::size_t at = set_of(key);
  Set& set = sets_[at];
  const std::lock_guard lock(parts_[at % parts_.size()].mutex);
  Place* place = find(set, key);
  if (place == nullptr) {
    place = make_room(set, time);
    if (place == nullptr) return Verdict::uncounted;
    *place = {key, 0, 0};
  }
  if (rules.handshakes != 0 && place->handshakes >= rules.handshakes) return Verdict::too_many_handshakes;
  if (rules.interval.count() != 0) {
    // An allowance used up under other rules is at most an empty one under these.
    const std::int64_t empty = time + rules.burst.count();
    place->whole_at = std::clamp(place->whole_at, time, empty);
    if (place->whole_at + rules.interval.count() > empty) return Verdict::too_fast;
    place->whole_at += rules.interval.count();
  }
  ++place->handshakes;
  return Verdict::counted;
}

void AddressTable::leave(Key key) noexcept {
  const std::size_t at = set_of(key);
  const std::lock_guard lock(parts_[at % parts_.size()].mutex);
  // It is there: who has a handshake in progress keeps his place.
  --find(sets_[at], key)->handshakes;
}

}  // namespace arbortls::session
