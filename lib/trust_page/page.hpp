#pragma once
// The page itself: one HTML document that needs nothing else, not even a script.

#include "authority/root_certificate.hpp"
#include "trust_page/system.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::trust_page {

struct PageContent {
  std::string_view site;       // any text
  std::string_view url;        // of the page, ends with '/'; "" if nobody knows
  std::string_view test_name;  // a host that serves a certificate of the root; "" for none
  std::string_view user_agent;
  const std::vector<authority::RootCertificate>& roots;
};

std::string page_html(const PageContent& content);

// The Content-Security-Policy under which the page shows as it should and nothing else can.
const std::string& page_policy();

// Of the first root "root.crt", of the second "root-2.crt", and so on. `ending` such as "crt".
std::string root_file(std::size_t index, std::string_view ending);

}  // namespace arbortls::trust_page
