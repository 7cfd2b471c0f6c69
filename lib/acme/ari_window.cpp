#include "acme/ari_window.hpp"

#include <algorithm>

namespace arbortls::acme {
namespace {

constexpr std::int64_t usual_poll = 6 * 3600;
constexpr std::int64_t soonest_poll = 60;
constexpr std::int64_t latest_poll = 24 * 3600;

}  // namespace

bool is_sensible(const Window& window, const Life& life) noexcept {
  const bool overlaps = window.end > life.not_before && window.start < life.not_after;
  // Not `end - start`: a start of far ago would overflow.
  return window.start < window.end && overlaps && window.end - life.length() <= window.start;
}

Suggestion follow(const std::optional<Suggestion>& before, std::string_view certificate_id,
                  const Window& window, double chance) {
  if (before && before->certificate_id == certificate_id && before->window == window) {
    return *before;
  }
  const auto width = static_cast<double>(window.end - window.start);
  return {std::string(certificate_id), window,
          window.start + static_cast<std::int64_t>(width * chance)};
}

std::int64_t renewal_time(const Life& life, std::int64_t by_age, std::string_view certificate_id,
                          const std::optional<Suggestion>& suggestion) noexcept {
  const bool holds = suggestion && suggestion->certificate_id == certificate_id &&
                     is_sensible(suggestion->window, life);
  return std::min(holds ? suggestion->moment : by_age, last_call(life));
}

std::int64_t next_poll(std::int64_t now, std::optional<std::int64_t> asked) noexcept {
  return std::clamp(asked.value_or(now + usual_poll), now + soonest_poll, now + latest_poll);
}

}  // namespace arbortls::acme
