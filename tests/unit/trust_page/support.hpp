#pragma once
// Roots and pages for the tests of the trust page.

#include "authority/authority.hpp"
#include "support/test_ca.hpp"
#include "trust_page/trust_page.hpp"

#include <catch2/catch.hpp>

#include <map>

namespace arbortls::test {

inline authority::RootCertificate make_root(const std::string& name = "Example root") {
  authority::RootWish wish;
  wish.common_name = name;
  wish.permitted = {{"pbx.example"}, authority::private_networks()};
  auto made = authority::Authority::make(wish, test_now);
  if (!made) FAIL(made.error().message);
  return made->root();
}

// One for all tests that do not care.
inline const authority::RootCertificate& some_root() {
  static const authority::RootCertificate root = make_root();
  return root;
}

inline trust_page::TrustPage some_page(const std::string& site = "Example Telephony",
                                       const std::string& url = "http://pbx.example/") {
  return {{site, url}, {some_root()}};
}

inline trust_page::Response get(const trust_page::TrustPage& page, std::string_view target,
                                std::string_view user_agent = {}, std::string_view host = {}) {
  return page.answer({"GET", target, host, user_agent});
}

inline std::string header(const trust_page::Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace arbortls::test
