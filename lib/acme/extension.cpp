#include "acme/extension.hpp"

#include "cert/names.hpp"

namespace arbortls::acme {

std::string subject_alternative_names(const std::vector<std::string>& names) {
  std::string value;
  for (const auto& name : names) {
    const bool address = cert::is_ip_literal(name);
    if (!address && !cert::is_host_name(name)) return {};
    if (!value.empty()) value += ',';
    value += (address ? "IP:" : "DNS:") + name;
  }
  return value;
}

}  // namespace arbortls::acme
