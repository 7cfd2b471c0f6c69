#include "config/keys.hpp"

#include "domain/name.hpp"

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
          "private key, certificate and chain in one PEM text; a file is watched")),
      secret(key<Passphrase, Domain, &Domain::key_passphrase>(
          "key_passphrase", "none", "where the passphrase of an encrypted private key stands")),
  };
  return rows;
}

void read_domain(const Value& value, Domain& domain) {
  read_map(value, {{domain_name_keys(), &domain},
                   {domain_keys(), &domain},
                   {inherited_keys(), &domain.inherited}});
}

void read_domain_file(const Value& value, const std::string& name, Domain& domain) {
  Key name_row = domain_name_keys().front();
  name_row.need = Need::optional;
  read_map(value, {{Keys(&name_row, 1), &domain},
                   {domain_keys(), &domain},
                   {inherited_keys(), &domain.inherited}});
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
