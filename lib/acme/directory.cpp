#include "acme/directory.hpp"

#include "acme/json_read.hpp"

namespace arbortls::acme {
namespace {

void read_meta(Directory& directory, const json::object& meta) {
  directory.terms = text_at(meta, "termsOfService");
  directory.needs_external_account = flag_at(meta, "externalAccountRequired");
  if (const auto* profiles = object_at(meta, "profiles")) {
    for (const auto& each : *profiles) directory.profiles.emplace_back(each.key());
  }
}

// What is no URL is as good as missing.
std::string url_at(const json::object& object, std::string_view key) {
  std::string url = text_at(object, key);
  return is_url(url) ? url : std::string();
}

}  // namespace

Result<Directory> parse_directory(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return error("it is no JSON object");
  Directory directory;
  directory.new_nonce = url_at(*object, "newNonce");
  directory.new_account = url_at(*object, "newAccount");
  directory.new_order = url_at(*object, "newOrder");
  directory.revoke_cert = url_at(*object, "revokeCert");
  directory.renewal_info = url_at(*object, "renewalInfo");
  if (directory.new_nonce.empty() || directory.new_account.empty() || directory.new_order.empty()) {
    return error("it lacks the https URL of newNonce, newAccount or newOrder");
  }
  if (const auto* meta = object_at(*object, "meta")) read_meta(directory, *meta);
  return directory;
}

}  // namespace arbortls::acme
