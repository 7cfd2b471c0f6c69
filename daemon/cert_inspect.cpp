#include "admin/render.hpp"
#include "cert/inspect.hpp"
#include "cert/load.hpp"
#include "daemon/cert_commands.hpp"
#include "daemon/cert_files.hpp"
#include "daemon/command.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <ctime>
#include <iostream>

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
          {"has_key", from.has_key}};
}

json::object describe(const cert::InspectedKey& from) {
  return {{"type", from.type},
          {"bits", from.bits},
          {"spki_sha256", from.spki_sha256},
          {"encrypted", from.encrypted}};
}

json::object describe(const cert::Inspected& from, std::int64_t now) {
  json::array certificates;
  for (const auto& each : from.certificates) certificates.push_back(describe(each, now));
  json::array keys;
  for (const auto& each : from.keys) keys.push_back(describe(each));
  return {{"format", from.format},
          {"usable", from.usable},
          {"certificates", std::move(certificates)},
          {"keys", std::move(keys)},
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
  text += description.at("usable").get_bool() ? "\nusable as a certificate_pem\n"
                                              : "\nnot usable as a certificate_pem\n";
  for (const auto& each : description.at("problems").get_array())
    text += "  ! " + admin::generic_text(each);
  return text;
}

}  // namespace

int inspect_file(const InspectOptions& options) {
  auto passphrase = read_passphrase(options.passphrase_file);
  if (!passphrase) return fail(passphrase.error().message);
  auto bytes = read_input(options.file);
  if (!bytes) return fail(bytes.error().message);
  const std::int64_t now = std::time(nullptr);
  const auto inspected = cert::inspect(*bytes, *passphrase, now);
  cert::wipe(*bytes);
  cert::wipe(*passphrase);
  if (!inspected) return fail(options.file + ": " + inspected.error().message);
  const auto description = describe(*inspected, now);
  std::cout << (options.json ? json::serialize(description) + '\n' : render(description));
  const bool meant_as_pair = !inspected->certificates.empty() && !inspected->keys.empty();
  return meant_as_pair && !inspected->usable ? 1 : 0;
}

}  // namespace arbortls::daemon
