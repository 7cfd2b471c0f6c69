#pragma once
// Putting an issued certificate where an operator would have put it. Blocking.

#include "acme/mark.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace arbortls::issuance {

// Whether install() may write there: the directory can be written, and what stands there is not an operator's own.
Result<void> can_install(const std::string& file);

// Writes mark and text, 0600, atomically, and reads them back. On an error what was there still is, or the new text is
// whole. Error texts hold nothing of it.
Result<void> install(const std::string& file, const acme::Mark& mark, std::string_view pem);

}  // namespace arbortls::issuance
