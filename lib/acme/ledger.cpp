#include "acme/ledger.hpp"

#include "acme/ledger_fields.hpp"
#include "base/file.hpp"
#include "base/wipe_freed.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace arbortls::acme {
namespace {

namespace json = boost::json;

constexpr std::int64_t version = 1;
constexpr std::size_t largest_file = std::size_t{1} << 30U;

Ledger::Account read_account(const LedgerFields& fields) {
  Ledger::Account account;
  fields.read("state", account.state);
  fields.read("key_file", account.key_file);
  fields.read("paused_until", account.paused_until);
  fields.read_numbers("orders", [&](std::int64_t time) { account.orders.push_back(time); });
  return account;
}

Suggestion read_suggestion(const LedgerFields& fields) {
  Suggestion suggestion;
  fields.read("certificate_id", suggestion.certificate_id);
  fields.read("start", suggestion.window.start);
  fields.read("end", suggestion.window.end);
  fields.read("moment", suggestion.moment);
  return suggestion;
}

Ledger::Domain read_domain(const LedgerFields& fields) {
  Ledger::Domain domain;
  fields.read("directory", domain.directory);
  fields.read("certificate_id", domain.certificate_id);
  fields.read("by_age", domain.by_age);
  fields.read_object("suggestion", [&](const LedgerFields& suggestion) {
    domain.suggestion = read_suggestion(suggestion);
  });
  fields.read("next_poll", domain.next_poll);
  fields.read("failures", domain.backoff.failures);
  fields.read("next_try", domain.backoff.next_try);
  fields.read("last_error", domain.last_error);
  fields.read("failed_at", domain.failed_at);
  fields.read("order", domain.order);
  return domain;
}

// What could not be read again must not cost the whole ledger.
std::int64_t readable(std::int64_t number) {
  return std::clamp<std::int64_t>(number, 0, latest_time);
}

// Only what is not at its default is written: most domains are at rest.
void put(json::object& object, std::string_view name, const std::string& text) {
  if (!text.empty()) object.emplace(name, text);
}

void put(json::object& object, std::string_view name, std::int64_t number) {
  if (readable(number) != 0) object.emplace(name, readable(number));
}

json::object to_object(const Ledger::Account& account) {
  json::object object;
  put(object, "state", account.state);
  put(object, "key_file", account.key_file);
  put(object, "paused_until", account.paused_until);
  if (!account.orders.empty()) {
    auto& orders = object["orders"].emplace_array();
    for (const std::int64_t time : account.orders) orders.push_back(readable(time));
  }
  return object;
}

json::object to_object(const Suggestion& suggestion) {
  json::object object;
  put(object, "certificate_id", suggestion.certificate_id);
  put(object, "start", suggestion.window.start);
  put(object, "end", suggestion.window.end);
  put(object, "moment", suggestion.moment);
  return object;
}

json::object to_object(const Ledger::Domain& domain) {
  json::object object;
  put(object, "directory", domain.directory);
  put(object, "certificate_id", domain.certificate_id);
  put(object, "by_age", domain.by_age);
  if (domain.suggestion) object.emplace("suggestion", to_object(*domain.suggestion));
  put(object, "next_poll", domain.next_poll);
  put(object, "failures", domain.backoff.failures);
  put(object, "next_try", domain.backoff.next_try);
  put(object, "last_error", domain.last_error);
  put(object, "failed_at", domain.failed_at);
  put(object, "order", domain.order);
  return object;
}

// Member by member: a tree of the whole would take several times the memory of the text.
template <typename Map>
void append_members(std::string& text, std::string_view name, const Map& map) {
  text.append(json::serialize(json::string_view(name))).append(":{");
  const char* separator = "\n";
  for (const auto& [key, value] : map) {
    text.append(separator).append(json::serialize(json::string_view(key))).append(":");
    text.append(json::serialize(to_object(value)));
    separator = ",\n";
  }
  text.append("}");
}

Result<Ledger> read_ledger(const json::value& value) {
  std::string problem;
  const LedgerFields fields(value, problem);
  std::int64_t written_as = 0;
  fields.read("version", written_as);
  if (problem.empty() && written_as != version) {
    problem = "version: is not " + std::to_string(version);
  }
  Ledger ledger;
  fields.read_each("accounts", [&](std::string_view directory, const LedgerFields& account) {
    ledger.accounts.emplace(directory, read_account(account));
  });
  fields.read_each("domains", [&](std::string_view name, const LedgerFields& domain) {
    ledger.domains.emplace(name, read_domain(domain));
  });
  if (!problem.empty()) return error(std::move(problem));
  return ledger;
}

}  // namespace

Result<Ledger> parse_ledger(std::string_view text) {
  const WipeFreed wipe_orders;
  json::monotonic_resource memory;
  json::parse_options options;
  // The text of an error is as a server sent it, and is written as it is.
  options.allow_invalid_utf8 = true;
  json::error_code failed;
  const json::value value = json::parse(text, failed, &memory, options);
  if (failed) return error("is not whole JSON: " + failed.message());
  return read_ledger(value);
}

std::string format_ledger(const Ledger& ledger) {
  const WipeFreed wipe_orders;
  std::string text = "{\"version\":" + std::to_string(version) + ",\n";
  append_members(text, "accounts", ledger.accounts);
  text.append(",\n");
  append_members(text, "domains", ledger.domains);
  return text.append("}\n");
}

Result<OpenedLedger> open_ledger(const std::string& path) {
  const WipeFreed wipe_orders;
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown) && !unknown) return OpenedLedger{};
  const auto text = read_file(path, largest_file);
  if (!text) return text.error();
  auto ledger = parse_ledger(*text);
  if (ledger) return OpenedLedger{std::move(*ledger), {}};
  const std::string aside = path + ".broken";
  std::string warning = path + ": " + ledger.error().message + "; beginning anew, ";
  if (std::rename(path.c_str(), aside.c_str()) == 0) warning += "the old one is kept as " + aside;
  else warning += "the old one cannot be kept: " + std::string(std::strerror(errno));
  return OpenedLedger{{}, std::move(warning)};
}

Result<void> save_ledger(const std::string& path, const Ledger& ledger) {
  const WipeFreed wipe_orders;
  return write_file_atomically(path, format_ledger(ledger), 0600);
}

}  // namespace arbortls::acme
