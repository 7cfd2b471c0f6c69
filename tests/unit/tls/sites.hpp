#pragma once
// Sites in short: domains with certificates that hold only what selection looks at.

#include "support/test_ca.hpp"
#include "tls/site.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arbortls::test {

inline cert::CertificatePtr paper(std::vector<std::string> names, std::int64_t not_after = test_now + day,
                                  std::int64_t not_before = test_now - day) {
  auto certificate = std::make_shared<cert::Certificate>();
  cert::Pair pair;
  pair.names = std::move(names);
  pair.not_before = not_before;
  pair.not_after = not_after;
  certificate->pairs.push_back(std::move(pair));
  return certificate;
}

template <class T>
config::Located<T> located(T value) {
  return {std::move(value), {}};
}

struct SiteMaker {
  explicit SiteMaker(const std::string& master) : tree(master) {}

  SiteMaker& add(const std::string& name, cert::CertificatePtr certificate = nullptr,
                 const std::string& parent = {}, const config::Inherited& inherited = {}) {
    tree = std::move(tree).with(std::make_shared<const tls::Tree::Node>(tls::Tree::Node{
        name, parent, {}, {std::move(certificate), std::make_shared<const config::Inherited>(inherited)}}));
    return *this;
  }

  SiteMaker& add_pending(const std::string& name) {
    tree = std::move(tree).with(
        std::make_shared<const tls::Tree::Node>(tls::Tree::Node{name, {}, {}, {nullptr, nullptr, true}}));
    return *this;
  }

  tls::Site site(cert::CertificatePtr certdir, cert::CertificatePtr fallback,
                 const config::Inherited& listener = {}) const {
    tls::Site made;
    made.tree = tree;
    made.fallback = std::move(fallback);
    made.listeners.push_back({"wss", config::Role::ws, std::move(certdir), listener});
    return made;
  }

  tls::Tree tree;
};

}  // namespace arbortls::test
