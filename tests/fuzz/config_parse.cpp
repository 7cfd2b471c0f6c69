// Any text is either settings or problems with their places; nothing is thrown, nothing grows
// without bound.
#include "config/load.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = arbortls::config::parse(text, "/etc/arbortls/arbortls.yaml");
  for (const auto& problem : parsed.problems) {
    if (problem.message.empty() || problem.place.line < 0 || problem.place.column < 0) std::abort();
  }
  if (arbortls::has_errors(parsed.problems)) return 0;
  // What is said to be sound has what the daemon relies on.
  if (parsed.settings.master_domain.empty() || parsed.settings.state_dir.empty()) std::abort();
  for (const auto& listener : parsed.settings.listeners) {
    if (listener.name.empty() || listener.address.value.empty()) std::abort();
  }
  for (const auto& backend : parsed.settings.backends) {
    if (backend.name.empty() || backend.servers.empty()) std::abort();
  }
  for (const auto& domain : parsed.settings.domains) {
    if (domain.name.empty()) std::abort();
  }
  return 0;
}
