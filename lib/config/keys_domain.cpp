#include "config/keys.hpp"

#include "domain/name.hpp"

#include <memory>
#include <utility>

namespace arbortls::config {

Keys domain_name_keys() {
  static constexpr Key rows[] = {
      required(key<HostName, Domain, &Domain::name>(
          "name", "", "the domain; in a file of `domains_dir` the file's name says it")),
  };
  return rows;
}

Keys domain_keys() {
  static constexpr Key rows[] = {
      key<HostName, Domain, &Domain::parent>(
          "parent", "the longest suffix of the name that is in the tree, else the master",
          "the domain it inherits from"),
      secret(key<Pem, Domain, &Domain::certificate_pem>(
          "certificate_pem", "none: inherited",
          "private key, certificate and chain in one PEM text; a file may be PKCS#12 too, and is watched")),
      secret(key<Passphrase, Domain, &Domain::key_passphrase>(
          "key_passphrase", "none", "where the passphrase of an encrypted private key or PKCS#12 stands")),
  };
  return rows;
}

namespace {

// What can be seen in a domain alone; the rest needs the tree.
void check_domain(const Value& value, const Domain& domain) {
  if (!domain.inherited.automatic) return;
  const Automatic& automatic = *domain.inherited.automatic;
  if (automatic.acme_enabled.value_or(false) && domain.certificate_pem) {
    complain_of_key(value, "acme_enabled", Severity::warning,
                    "`certificate_pem` stands here as well, and an operator's certificate is never replaced: leave "
                    "one of the two out");
  }
  if (automatic.acme_subdomains.value_or(false) && automatic.local_ca.value_or(false)) {
    complain_of_key(value, "local_ca", Severity::warning,
                    "`acme_subdomains` is on as well, and ACME goes first: leave one of the two out");
  }
}

void read_with_name(const Value& value, Keys name, Domain& domain) {
  Automatic automatic;
  read_map(value, {{name, &domain},
                   {domain_keys(), &domain},
                   {inherited_keys(), &domain.inherited},
                   {automatic_keys(), &automatic}});
  if (automatic != Automatic{}) domain.inherited.automatic = std::make_shared<const Automatic>(std::move(automatic));
  check_domain(value, domain);
}

}  // namespace

void read_domain(const Value& value, Domain& domain) { read_with_name(value, domain_name_keys(), domain); }

void read_domain_file(const Value& value, const std::string& name, Domain& domain) {
  Key name_row = domain_name_keys().front();
  name_row.need = Need::optional;
  read_with_name(value, Keys(&name_row, 1), domain);
  const auto from_file = domain::parse_name(name);
  if (!from_file) {
    value.error("the file's name is not a legal host name: " + from_file.error().message);
    return;
  }
  if (!domain.name.empty() && domain.name != *from_file) {
    value.error("`name` is " + quoted(domain.name) + ", but the file's name says " +
                quoted(*from_file) + "; leave `name` out, or rename the file");
  }
  domain.name = *from_file;
}

}  // namespace arbortls::config
