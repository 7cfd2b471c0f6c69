#include "domain/name_hash.hpp"

#include <sys/random.h>

#include <array>
#include <chrono>
#include <cstring>

namespace arbortls::domain {
namespace {

__extension__ using Wide = unsigned __int128;
using Seed = std::array<std::uint64_t, 2>;

constexpr std::uint64_t odd_a = 0x9e3779b97f4a7c15;
constexpr std::uint64_t odd_b = 0xd1b54a32d192ed03;

Seed draw_seed() noexcept {
  Seed seed{};
  if (::getrandom(seed.data(), sizeof seed, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof seed)) {
    seed[0] = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    seed[1] = seed[0] * odd_b;
  }
  return seed;
}

const Seed& process_seed() noexcept {
  static const Seed seed = draw_seed();
  return seed;
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* bytes, std::size_t size) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return word;
}

}  // namespace

std::uint64_t NameHash::operator()(std::string_view name) const noexcept {
  const auto& [key_a, key_b] = process_seed();
  std::uint64_t state = key_a ^ (name.size() * odd_a);
  const char* at = name.data();
  std::size_t left = name.size();
  for (; left > 16; at += 16, left -= 16) {
    state = fold(load(at, 8) ^ key_a ^ odd_a, load(at + 8, 8) ^ key_b ^ state);
  }
  const std::size_t first = left < 8 ? left : 8;
  const std::uint64_t low = load(at, first);
  const std::uint64_t high = load(at + first, left - first);
  state = fold(low ^ key_a ^ odd_b, high ^ key_b ^ state);
  return fold(state ^ odd_a, key_b ^ odd_b);
}

}  // namespace arbortls::domain
