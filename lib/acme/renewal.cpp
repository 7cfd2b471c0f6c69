#include "acme/renewal.hpp"

#include <algorithm>

namespace arbortls::acme {
namespace {

constexpr std::int64_t short_life = 10 * 24 * 3600;
constexpr std::int64_t jitter_part = 50;
constexpr std::int64_t last_part = 20;

}  // namespace

std::int64_t renewal_by_age(const Life& life, double chance) noexcept {
  const std::int64_t length = std::max<std::int64_t>(life.length(), 0);
  const std::int64_t middle = length <= short_life ? length / 2 : length * 2 / 3;
  const auto most = static_cast<double>(length / jitter_part);
  return life.not_before + middle + static_cast<std::int64_t>(most * (2 * chance - 1));
}

std::int64_t last_call(const Life& life) noexcept {
  return life.not_after - std::max<std::int64_t>(life.length(), 0) / last_part;
}

}  // namespace arbortls::acme
