#include "config/describe.hpp"

#include <array>
#include <utility>

namespace arbortls::config {

std::string to_text(Milliseconds duration) {
  constexpr std::array units{std::pair{86'400'000ll, "d"}, std::pair{3'600'000ll, "h"},
                             std::pair{60'000ll, "m"}, std::pair{1000ll, "s"}};
  const long long count = duration.count();
  if (count == 0) return "0";
  for (const auto& [factor, unit] : units) {
    // "60s" reads easier beside "90s" and "30s" than "1m" does.
    if (factor == 60'000 && count == factor) continue;
    if (count % factor == 0) return std::to_string(count / factor) + unit;
  }
  return std::to_string(count) + "ms";
}

std::string size_to_text(std::uint64_t bytes) {
  constexpr std::array units{std::pair{1ull << 30, "GB"}, std::pair{1ull << 20, "MB"},
                             std::pair{1ull << 10, "kB"}};
  for (const auto& [factor, unit] : units) {
    if (bytes != 0 && bytes % factor == 0) return std::to_string(bytes / factor) + unit;
  }
  return std::to_string(bytes) + " bytes";
}

std::string to_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

std::string to_text(const std::vector<AcmeChallenge>& challenges) {
  std::string text;
  for (const AcmeChallenge challenge : challenges) text.append(text.empty() ? "[" : ", ").append(word_of(challenge));
  return text + "]";
}

std::string to_text(AtMost limit) { return limit.count == 0 ? "none" : std::to_string(limit.count); }

}  // namespace arbortls::config
