#pragma once
// One domain as domains_dir says: NAME.yaml (settings) and NAME.pem (its certificate_pem).

#include "config/settings.hpp"
#include "server/domains_dir.hpp"
#include "server/record.hpp"

#include <string>

namespace arbortls::server {

// Which of the two are there. What cannot be looked at counts as there, so that no fault of a disk
// removes a domain.
DomainFiles files_of(const std::string& directory, const std::string& name);

struct Reading {
  Record record;      // without its certificate; not to be used if there are errors
  Problems problems;  // of the settings
};

// `main`: the domain as the configuration's own file has it; null: it stands there not.
Reading read_domain(const config::Settings& settings, const std::string& name, DomainFiles files,
                    const Record* main);

// What load_certificate() would read, as it is now.
FileState state_of_certificate(const Record& record);

}  // namespace arbortls::server
