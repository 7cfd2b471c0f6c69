#include "admin/render.hpp"
#include "cert/inspect.hpp"
#include "cert/load.hpp"
#include "daemon/cert_commands.hpp"
#include "daemon/cert_coverage.hpp"
#include "daemon/cert_files.hpp"
#include "daemon/command.hpp"
#include "daemon/live.hpp"
#include "server/commands.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <ctime>
#include <iostream>
#include <optional>
#include <set>

namespace arbortls::daemon {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& from) {
  json::array array;
  for (const auto& each : from) array.emplace_back(each);
  return array;
}

json::object describe(const cert::InspectedCertificate& from, std::int64_t now) {
  return {{"subject", from.subject},
          {"issuer", from.issuer},
          {"serial", from.serial},
          {"sha256", from.sha256},
          {"key_type", from.key_type},
          {"key_bits", from.key_bits},
          {"signature_algorithm", from.signature_algorithm},
          {"not_before", from.not_before},
          {"not_after", from.not_after},
          {"expired", from.not_after < now},
          {"names", texts(from.names)},
          {"is_ca", from.is_ca},
          {"self_signed", from.self_signed},
          {"has_key", from.has_key},
          {"pin_sha256", from.pin}};
}

json::object describe(const cert::InspectedKey& from) {
  return {{"type", from.type},
          {"bits", from.bits},
          {"spki_sha256", from.spki_sha256},
          {"pin_sha256", from.pin},
          {"encrypted", from.encrypted},
          {"matches", from.matches}};
}

json::object describe(const cert::InspectedChain& from) {
  return {{"leaf", from.leaf},
          {"members", texts(from.members)},
          {"end", from.end},
          {"complete", from.complete}};
}

json::object describe(const cert::Inspected& from, std::int64_t now) {
  json::array certificates;
  for (const auto& each : from.certificates) certificates.push_back(describe(each, now));
  json::array keys;
  for (const auto& each : from.keys) keys.push_back(describe(each));
  json::array chains;
  for (const auto& each : from.chains) chains.push_back(describe(each));
  return {{"format", from.format},
          {"usable", from.usable},
          {"certificates", std::move(certificates)},
          {"keys", std::move(keys)},
          {"chains", std::move(chains)},
          {"problems", texts(from.problems)}};
}

// Certificates have too many fields for a table: one block each.
std::string render(const json::object& description) {
  std::string text = "format " + std::string(description.at("format").get_string()) + '\n';
  int number = 0;
  for (const auto& each : description.at("certificates").get_array()) {
    text += "\ncertificate " + std::to_string(++number) + '\n';
    text += admin::generic_text(each);
  }
  number = 0;
  for (const auto& each : description.at("keys").get_array()) {
    text += "\nkey " + std::to_string(++number) + '\n';
    text += admin::generic_text(each);
  }
  for (const auto& each : description.at("chains").get_array()) {
    const json::object& chain = each.get_object();
    text += "\nchain of " + std::string(chain.at("leaf").get_string()) + '\n';
    for (const auto& member : chain.at("members").get_array())
      text += "  < " + std::string(member.get_string()) + '\n';
    text += (chain.at("complete").get_bool() ? "  = " : "  ! ") +
            std::string(chain.at("end").get_string()) + '\n';
  }
  text += description.at("usable").get_bool() ? "\nusable as a certificate_pem\n"
                                              : "\nnot usable as a certificate_pem\n";
  for (const auto& each : description.at("problems").get_array())
    text += "  ! " + admin::generic_text(each);
  if (const auto* tree = description.if_contains("tree")) text += coverage_text(tree->get_object());
  return text;
}

struct Tree {
  json::array domains;
  json::array certificates;
};

// None: why has been said on standard error.
std::optional<json::array> ask_for(const LiveOptions& options, const char* target) {
  const auto response = ask(options, "GET", target, std::chrono::seconds(30));
  if (!response) return std::nullopt;
  boost::system::error_code code;
  json::value value = json::parse(response->body, code);
  if (!code && value.is_array()) return std::move(value.get_array());
  refused(options, *response);
  return std::nullopt;
}

std::optional<Tree> tree_of(const InspectOptions& options) {
  if (options.live || !options.socket.empty()) {
    LiveOptions live;
    live.socket = options.socket;
    live.config_file = options.config_file.empty() ? default_config_file : options.config_file;
    auto domains = ask_for(live, "/tree");
    auto certificates = domains ? ask_for(live, "/certs") : std::nullopt;
    if (!certificates) return std::nullopt;
    return Tree{std::move(*domains), std::move(*certificates)};
  }
  auto found = server::tree(options.config_file);
  if (found) return Tree{std::move(found->domains), std::move(found->certificates)};
  fail(found.error().message);
  return std::nullopt;
}

json::object coverage_in(const Tree& tree, const cert::Inspected& inspected) {
  std::set<std::string> leaves;
  std::vector<std::string> names;
  for (const auto& each : inspected.certificates) {
    if (each.is_ca && !each.has_key) continue;
    leaves.insert(each.sha256);
    names.insert(names.end(), each.names.begin(), each.names.end());
  }
  return coverage_of(tree.domains, tree.certificates, leaves, names);
}

}  // namespace

int inspect_file(const InspectOptions& options) {
  auto passphrase = read_passphrase(options.passphrase_file);
  if (!passphrase) return fail(passphrase.error().message);
  auto bytes = read_input(options.file);
  if (!bytes) return fail(bytes.error().message);
  const std::int64_t now = std::time(nullptr);
  const auto inspected = cert::inspect(*bytes, *passphrase, now, options.file);
  cert::wipe(*bytes);
  cert::wipe(*passphrase);
  if (!inspected) return fail(options.file + ": " + inspected.error().message);
  auto description = describe(*inspected, now);
  if (options.live || !options.socket.empty() || !options.config_file.empty()) {
    const auto tree = tree_of(options);
    if (!tree) return 1;
    description["tree"] = coverage_in(*tree, *inspected);
  }
  std::cout << (options.json ? json::serialize(description) + '\n' : render(description));
  const bool meant_as_pair = !inspected->certificates.empty() && !inspected->keys.empty();
  return meant_as_pair && !inspected->usable ? 1 : 0;
}

}  // namespace arbortls::daemon
