#include "server/expiry_list.hpp"

#include "server/expiry_things.hpp"
#include "tls/select.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arbortls::server {
namespace {

struct Row {
  std::int64_t not_after;
  boost::json::object json;
};

Row row_of(const std::string& domain, std::int64_t end, std::int64_t now) {
  return {end,
          {{"domain", domain},
           {"not_after", iso_time(end)},
           {"days_left", (end - now) / 86400},
           {"expired", end < now}}};
}

// When the certificates of their own that are made automatically are renewed, by domain.
using Renewals = std::unordered_map<std::string, std::int64_t>;

void add_domains(std::vector<Row>& rows, const tls::Site& site, const Renewals& renewals,
                 std::int64_t now, std::int64_t until) {
  if (site.listeners.empty()) return;
  site.tree.for_each([&](const tls::Tree::NodePtr& node) {
    const auto selection =
        tls::select(site, site.listeners.front(), domain::ServerName(node->name), now);
    if (!selection.certificate || selection.certificate->not_after() > until) return;
    Row row = row_of(node->name, selection.certificate->not_after(), now);
    row.json["source"] = to_string(selection.source);
    const std::string owner = selection.from != nullptr ? selection.from->name : std::string();
    row.json["certificate_of"] = owner;
    const auto renewal = renewals.find(owner);
    if (renewal != renewals.end()) row.json["renewal"] = iso_time(renewal->second);
    rows.push_back(std::move(row));
  });
}

void add_others(std::vector<Row>& rows, const Things& things, const char* source,
                std::int64_t now) {
  for (const expiry::Thing& thing : things) {
    Row row = row_of(thing.place, *thing.not_after, now);
    row.json["source"] = source;
    row.json["subject"] = thing.subject;
    rows.push_back(std::move(row));
  }
}

}  // namespace

boost::json::array expiring_json(const View& view, const issuance::Report& report,
                                 const std::string& authority, std::int64_t now,
                                 std::int64_t within) {
  const tls::Site& site = view.snapshot->site;
  const std::int64_t until = now + within;
  const EndFilter wanted = [until](const expiry::Thing& thing) {
    return *thing.not_after <= until;
  };
  Renewals renewals;
  Things certdirs;
  for (expiry::Thing& thing : certificates_that_end(site, report, wanted)) {
    if (thing.renewal_due)
      renewals.emplace(thing.place, *thing.renewal_due);
    else if (thing.place.starts_with("listener "))  // no domain's name holds a space
      certdirs.push_back(std::move(thing));
  }
  std::vector<Row> rows;
  add_domains(rows, site, renewals, now, until);
  add_others(rows, certdirs, "certdir", now);
  add_others(rows, chain_members_that_end(site, wanted), "chain", now);
  add_others(rows, cas_that_end(site, authority, wanted), "ca", now);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.not_after < b.not_after; });
  boost::json::array all;
  for (Row& row : rows) all.push_back(std::move(row.json));
  return all;
}

}  // namespace arbortls::server
