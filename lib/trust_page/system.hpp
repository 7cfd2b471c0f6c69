#pragma once
// Which system asks.

#include <string_view>

namespace arbortls::trust_page {

enum class System { windows, macos, ios, android, linux, firefox, desk_phone, unknown };

// Told by the User-Agent field. Firefox on a desktop is Firefox: it keeps roots of its own.
System system_of(std::string_view user_agent) noexcept;

// Beneath a browser with roots of its own; else the system itself.
System beneath(System system, std::string_view user_agent) noexcept;

}  // namespace arbortls::trust_page
