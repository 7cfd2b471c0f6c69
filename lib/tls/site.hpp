#pragma once
// A Site is what a handshake chooses from: the tree with each domain's certificate and settings, what each
// listener adds, and the default certificate. Immutable; shared by pointer between threads.

#include "cert/certificate.hpp"
#include "config/settings.hpp"
#include "domain/tree.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace arbortls::tls {

// What stands where a domain's certificate belongs, usable or not.
enum class Own : std::uint8_t { nothing, by_hand, automatic };

struct Domain {
  cert::CertificatePtr certificate;                    // null: none of its own that can be served
  std::shared_ptr<const config::Inherited> inherited;  // null: sets nothing
  bool pending = false;                                // not known yet: its certificate is still to be read
  Own own = Own::nothing;                              // as far as that is known
};

using Tree = domain::Tree<Domain>;

struct ListenerView {
  std::string name;
  config::Role role = config::Role::ws;
  cert::CertificatePtr certdir;  // null: not set, or no usable pair
  config::Inherited inherited;
};

struct Site {
  Tree tree{std::string()};
  cert::CertificatePtr fallback;  // the default certificate
  std::vector<ListenerView> listeners;
  bool automatic = false;  // some domain says something of certificates that are made for it
};

}  // namespace arbortls::tls
