#include "hook/environment.hpp"

#include <string_view>

namespace arbortls::hook {
namespace {

constexpr std::size_t longest_value = 4096;

char in_name(char byte) noexcept {
  if (byte >= 'a' && byte <= 'z') return static_cast<char>(byte - 'a' + 'A');
  const bool fits = (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
  return fits ? byte : '_';
}

char in_value(char byte) noexcept {
  const auto code = static_cast<unsigned char>(byte);
  return code < 0x20 || code == 0x7F ? ' ' : byte;
}

}  // namespace

std::vector<std::string> environment_of(const Facts& facts) {
  std::vector<std::string> environment{
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
  for (const auto& [name, value] : facts) {
    std::string& variable = environment.emplace_back("ARBORTLS_");
    for (const char byte : name) variable += in_name(byte);
    variable += '=';
    for (const char byte : std::string_view(value).substr(0, longest_value)) {
      variable += in_value(byte);
    }
  }
  return environment;
}

}  // namespace arbortls::hook
