#pragma once
// Apple's configuration profile: roots that macOS, iOS and iPadOS install from one file.

#include "authority/root_certificate.hpp"

#include <string>
#include <vector>

namespace arbortls::trust_page {

// XML property list, not signed. Its identifiers are made of the roots' fingerprints: installed
// again it replaces itself. `name` is any text.
std::string apple_profile(const std::string& name,
                          const std::vector<authority::RootCertificate>& roots);

}  // namespace arbortls::trust_page
