#include "trust_page/system.hpp"

#include <algorithm>

namespace arbortls::trust_page {
namespace {

struct Sign {
  std::string_view text;  // lower case
  System system;
};

// The first that is found counts: an Android says Linux too, and an iPhone Mac OS X.
constexpr Sign signs[] = {
    {"yealink", System::desk_phone},
    {"snom", System::desk_phone},
    {"grandstream", System::desk_phone},
    {"polycom", System::desk_phone},
    {"polyedge", System::desk_phone},
    {"fanvil", System::desk_phone},
    {"cisco-cp", System::desk_phone},
    {"gigaset", System::desk_phone},
    {"iphone", System::ios},
    {"ipad", System::ios},
    {"ipod", System::ios},
    {"android", System::android},
    {"windows", System::windows},
    {"macintosh", System::macos},
    {"mac os x", System::macos},
    {"linux", System::linux},
    {"x11", System::linux},
    {"cros", System::linux},
};

bool found(std::string_view text, std::string_view sign) noexcept {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  };
  return std::search(text.begin(), text.end(), sign.begin(), sign.end(), same) != text.end();
}

System operating_system_of(std::string_view user_agent) noexcept {
  for (const Sign& sign : signs)
    if (found(user_agent, sign.text)) return sign.system;
  return System::unknown;
}

bool is_desktop(System system) noexcept {
  return system == System::windows || system == System::macos || system == System::linux;
}

}  // namespace

System system_of(std::string_view user_agent) noexcept {
  const System system = operating_system_of(user_agent);
  return is_desktop(system) && found(user_agent, "firefox/") ? System::firefox : system;
}

System beneath(System system, std::string_view user_agent) noexcept {
  return system == System::firefox ? operating_system_of(user_agent) : system;
}

}  // namespace arbortls::trust_page
