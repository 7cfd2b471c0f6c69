// Any text of one domain's file is either a domain or problems.
#include "config/load.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto settings = arbortls::config::parse(
                                   "master_domain: a.example\naliases: [{alias: a, value: /a}]\n"
                                   "backends: [{name: web, servers: [\"h:1\"]}]\n",
                                   "/etc/a.yaml")
                                   .settings;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed =
      arbortls::config::parse_domain(text, "/etc/d/b.example.yaml", "b.example", settings);
  for (const auto& problem : parsed.problems) {
    if (problem.message.empty() || problem.place.line < 0) std::abort();
  }
  if (arbortls::has_errors(parsed.problems)) return 0;
  if (parsed.domain.name != "b.example") std::abort();
  if (parsed.domain.inherited.backend && parsed.domain.inherited.backend->value != "web")
    std::abort();
  return 0;
}
