#pragma once
// How each system is made to trust a root: markup with @url@ (of the page), @crt@, @pem@, @profile@
// (what links lead to) and @root@ (the root's name) to be filled in.

#include "trust_page/system.hpp"

#include <span>
#include <string_view>

namespace arbortls::trust_page {

struct Steps {
  System system;
  std::string_view id;  // of the element, for links
  std::string_view title;
  std::string_view button;  // of the main link
  std::string_view file;    // the placeholder of what it leads to
  std::string_view markup;
};

// In the order of the page.
std::span<const Steps> all_steps() noexcept;

// Those of one system; for an unknown one those of the first.
const Steps& steps_of(System system) noexcept;

}  // namespace arbortls::trust_page
