#pragma once
// Text into HTML and XML.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arbortls::trust_page {

// Fit for the content of an element and for an attribute in quotes, of HTML and of XML: what XML
// has no place for is left out.
std::string escaped(std::string_view text);

// Ready markup that takes the place of `@name@`.
using Values = std::vector<std::pair<std::string_view, std::string>>;

// Each `@name@` replaced once; what is put in is not looked at again. A name that is not known
// stays.
std::string filled(std::string_view markup, const Values& values);

}  // namespace arbortls::trust_page
