#include "authority/permitted.hpp"

#include "authority/network.hpp"
#include "cert/names.hpp"

#include <algorithm>
#include <optional>

#include <openssl/err.h>

namespace arbortls::authority {
namespace {

constexpr std::size_t most_entries = 1000;  // clients look at each of them in each handshake
constexpr const char* all_v4 = "0.0.0.0/0";
constexpr const char* all_v6 = "::/0";

using ConstraintsPtr = openssl::Handle<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;
using SubtreePtr = openssl::Handle<GENERAL_SUBTREE, GENERAL_SUBTREE_free>;

bool at_or_below(const std::string& name, const std::string& top) {
  if (!name.ends_with(top)) return false;
  return name.size() == top.size() || name[name.size() - top.size() - 1] == '.';
}

template <class T, class Holds>
std::vector<T> without_held(std::vector<T> all, Holds holds) {
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<T> kept;
  std::copy_if(all.begin(), all.end(), std::back_inserter(kept), [&](const T& one) {
    return std::none_of(all.begin(), all.end(),
                        [&](const T& other) { return !(other == one) && holds(other, one); });
  });
  return kept;
}

bool any_of_family(const std::vector<std::string>& networks, bool v4) {
  return std::any_of(networks.begin(), networks.end(), [v4](const std::string& text) {
    const auto network = Network::parse(text);
    return network && network->is_v4() == v4;
  });
}

std::vector<std::string> families_shut_out(const Permitted& permitted) {
  std::vector<std::string> out;
  if (!any_of_family(permitted.networks, true)) out.emplace_back(all_v4);
  if (!any_of_family(permitted.networks, false)) out.emplace_back(all_v6);
  return out;
}

using Subtrees = STACK_OF(GENERAL_SUBTREE);

bool add_subtree(Subtrees*& subtrees, int type, const std::string& bytes) {
  if (subtrees == nullptr) subtrees = sk_GENERAL_SUBTREE_new_null();
  SubtreePtr subtree(GENERAL_SUBTREE_new());
  ASN1_STRING* value =
      ASN1_STRING_type_new(type == GEN_DNS ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);
  if (subtrees == nullptr || !subtree || value == nullptr ||
      ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) != 1) {
    ASN1_STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(subtree->base, type, value);
  if (sk_GENERAL_SUBTREE_push(subtrees, subtree.get()) <= 0) return false;
  static_cast<void>(subtree.release());  // the stack's now
  return true;
}

bool add_network(Subtrees*& subtrees, const std::string& text) {
  const auto network = Network::parse(text);
  return network && add_subtree(subtrees, GEN_IPADD, network->octets());
}

std::optional<std::string> network_of(const GENERAL_NAME* base) {
  if (base->type != GEN_IPADD) return std::nullopt;
  const auto network =
      Network::from_octets(ASN1_STRING_get0_data(base->d.iPAddress),
                           static_cast<std::size_t>(ASN1_STRING_length(base->d.iPAddress)));
  return network ? std::optional(network->to_text()) : std::nullopt;
}

bool read_permitted(Permitted& found, const GENERAL_NAME* base) {
  if (base->type == GEN_DNS) {
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(base->d.dNSName));
    found.names.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(base->d.dNSName)));
    return true;
  }
  const auto network = network_of(base);
  if (network) found.networks.push_back(*network);
  return network.has_value();
}

template <class Read>
bool read_each(const Subtrees* subtrees, Read read) {
  for (int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); ++i)
    if (!read(sk_GENERAL_SUBTREE_value(subtrees, i)->base)) return false;
  return true;
}

}  // namespace

std::vector<std::string> private_networks() {
  return {"10.0.0.0/8",     "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
          "192.168.0.0/16", "::1",         "fc00::/7",       "fe80::/10"};
}

std::string canonical_name(const std::string& name) {
  if (cert::is_ip_literal(name)) return Network::parse(name)->to_text();
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

Result<Permitted> normalized(const Permitted& wanted) {
  if (wanted.names.empty()) return error("a root needs at least one name that it may sign for");
  if (wanted.names.size() + wanted.networks.size() > most_entries) {
    return error("a root may sign for at most " + std::to_string(most_entries) +
                 " names and networks, each name with all below it");
  }
  std::vector<std::string> names;
  for (const auto& name : wanted.names) {
    const bool host = cert::is_host_name(name) && !name.starts_with('*');
    if (!host || cert::is_ip_literal(name)) return error("'" + name + "' is no host name");
    names.push_back(canonical_name(name));
  }
  std::vector<Network> networks;
  for (const auto& text : wanted.networks) {
    const auto network = Network::parse(text);
    if (!network) return error("'" + text + "' is neither an address nor a network");
    networks.push_back(*network);
  }
  Permitted made;
  made.names = without_held(
      std::move(names), [](const auto& top, const auto& name) { return at_or_below(name, top); });
  const auto kept = without_held(
      std::move(networks), [](const Network& outer, const Network& n) { return outer.holds(n); });
  for (const auto& network : kept) made.networks.push_back(network.to_text());
  return made;
}

bool permits(const Permitted& permitted, const std::string& name) {
  std::string wanted = canonical_name(name);
  if (const auto address = Network::parse(wanted)) {
    return std::any_of(permitted.networks.begin(), permitted.networks.end(),
                       [&](const std::string& text) {
                         const auto network = Network::parse(text);
                         return network && network->holds(*address);
                       });
  }
  if (wanted.starts_with("*.")) wanted.erase(0, 2);
  return std::any_of(permitted.names.begin(), permitted.names.end(),
                     [&](const std::string& top) { return at_or_below(wanted, top); });
}

std::vector<std::string> not_permitted(const Permitted& permitted,
                                       const std::vector<std::string>& names) {
  std::vector<std::string> outside;
  std::copy_if(names.begin(), names.end(), std::back_inserter(outside),
               [&](const std::string& name) { return !permits(permitted, name); });
  return outside;
}

std::string to_text(const Permitted& permitted) {
  constexpr std::size_t shown = 12;
  std::vector<std::string> all = permitted.names;
  all.insert(all.end(), permitted.networks.begin(), permitted.networks.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), shown); ++i)
    text += (i == 0 ? "" : ", ") + all[i];
  if (all.size() > shown) text += " and " + std::to_string(all.size() - shown) + " more";
  return text;
}

bool add_constraints(X509* x509, const Permitted& permitted, bool critical) {
  const ConstraintsPtr constraints(NAME_CONSTRAINTS_new());
  if (!constraints) return false;
  for (const auto& name : permitted.names)
    if (!add_subtree(constraints->permittedSubtrees, GEN_DNS, name)) return false;
  for (const auto& network : permitted.networks)
    if (!add_network(constraints->permittedSubtrees, network)) return false;
  for (const auto& family : families_shut_out(permitted))
    if (!add_network(constraints->excludedSubtrees, family)) return false;
  return X509_add1_ext_i2d(x509, NID_name_constraints, constraints.get(), critical ? 1 : 0,
                           X509V3_ADD_DEFAULT) == 1;
}

Result<Permitted> constraints_of(X509* x509) {
  const ConstraintsPtr constraints(static_cast<NAME_CONSTRAINTS*>(
      X509_get_ext_d2i(x509, NID_name_constraints, nullptr, nullptr)));
  ERR_clear_error();
  if (!constraints) return error("it has no name constraints: it could sign for any name");
  Permitted found;
  std::vector<std::string> excluded;
  const bool read =
      read_each(constraints->permittedSubtrees,
                [&](const GENERAL_NAME* base) { return read_permitted(found, base); }) &&
      read_each(constraints->excludedSubtrees, [&](const GENERAL_NAME* base) {
        const auto network = network_of(base);
        if (network) excluded.push_back(*network);
        return network.has_value();
      });
  if (!read || excluded != families_shut_out(found))
    return error("its name constraints are of a kind that is not made here");
  return normalized(found);
}

}  // namespace arbortls::authority
