#pragma once
// A Subject is one domain whose certificate is made for it: what is wanted, and what there is.

#include "cert/certificate.hpp"
#include "tls/automatic.hpp"
#include "tls/site.hpp"

#include <string>
#include <vector>

namespace arbortls::issuance {

struct Subject {
  tls::Automatic settings;
  std::string file;  // where the certificate's text belongs
  tls::Own own = tls::Own::nothing;
  cert::CertificatePtr certificate;  // of its own, in force; null: none
  bool pending = false;              // its text is still to be read: nothing is known of what there is

  const std::string& domain() const noexcept { return settings.domain; }
};

// All that its certificate has to cover: the domain, its wildcard, the extra names; for the local CA the
// addresses too.
std::vector<std::string> names_of(const tls::Automatic& settings);

// Every domain that has a maker, by what `site` says; texts belong into `domains_dir`. A domain that an ACME wildcard
// of a domain above covers is left out while it would be served with that: it needs no certificate of its own.
std::vector<Subject> subjects_of(const tls::Site& site, const std::string& domains_dir);

}  // namespace arbortls::issuance
