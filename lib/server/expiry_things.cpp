#include "server/expiry_things.hpp"

#include "authority/directory.hpp"
#include "base/file.hpp"
#include "cert/inspect.hpp"
#include "cert/load.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace arbortls::server {
namespace {

using expiry::Kind;
using expiry::Thing;

// f(place, certificate, own) for everything that is served.
template <class F>
void for_each_served(const tls::Site& site, F f) {
  site.tree.for_each([&](const tls::Tree::NodePtr& node) {
    if (node->value.certificate) f(node->name, *node->value.certificate, node->value.own);
  });
  for (const tls::ListenerView& listener : site.listeners) {
    if (listener.certdir) f("listener " + listener.name, *listener.certdir, tls::Own::by_hand);
  }
  if (site.fallback) f(std::string("default"), *site.fallback, tls::Own::by_hand);
}

const issuance::ReportedDomain* find(const issuance::Report& report, const std::string& domain) {
  const auto found = std::lower_bound(report.domains.begin(), report.domains.end(), domain,
                                      [](const issuance::ReportedDomain& each,
                                         const std::string& name) { return each.domain < name; });
  return found != report.domains.end() && found->domain == domain ? &*found : nullptr;
}

std::int64_t renewal_of(const issuance::Report& report, const std::string& domain,
                        const cert::Pair& pair) {
  if (const auto* reported = find(report, domain); reported != nullptr && reported->renewal)
    return *reported->renewal;
  return pair.not_after - (pair.not_after - pair.not_before) / 3;
}

// Each chain is decoded once however many have it: those who have the same share its members.
using Chains = std::map<std::vector<cert::Der>, std::vector<cert::ChainMember>>;

const std::vector<cert::ChainMember>& members_of(const cert::Pair& pair, Chains& chains) {
  const auto known = chains.find(pair.chain);
  return known != chains.end()
             ? known->second
             : chains.emplace(pair.chain, cert::chain_members(pair)).first->second;
}

struct Users {
  std::string first;
  std::size_t more = 0;

  void add(const std::string& place) {
    if (!first.empty()) ++more;
    if (first.empty() || place < first) first = place;
  }
};

std::set<std::string> ca_files(const tls::Site& site) {
  std::set<std::string> files;
  site.tree.for_each([&](const tls::Tree::NodePtr& node) {
    const auto& inherited = node->value.inherited;
    if (!inherited || !inherited->automatic || !inherited->automatic->acme_ca_file) return;
    if (!inherited->automatic->acme_ca_file->empty())
      files.insert(*inherited->automatic->acme_ca_file);
  });
  return files;
}

Thing ca_thing(std::string subject, const std::string& place, std::int64_t not_after) {
  return {Kind::ca, std::move(subject), place, not_after, {}, {}, {}};
}

}  // namespace

Things certificates_that_end(const tls::Site& site, const issuance::Report& report,
                             const EndFilter& wanted) {
  Things things;
  for_each_served(site, [&](const std::string& place, const cert::Certificate& certificate,
                            tls::Own own) {
    for (const cert::Pair& pair : certificate.pairs) {
      Thing thing;
      thing.not_after = pair.not_after;
      if (own == tls::Own::automatic) thing.renewal_due = renewal_of(report, place, pair);
      if (!wanted(thing)) continue;
      thing.subject = cert::subject(pair);
      thing.place = place;
      if (const auto* reported = find(report, place); reported != nullptr && reported->failures > 0)
        thing.detail = reported->last_error;
      things.push_back(std::move(thing));
    }
  });
  return things;
}

Things chain_members_that_end(const tls::Site& site, const EndFilter& wanted) {
  Chains chains;
  std::map<std::pair<std::int64_t, std::string>, Users> members;
  const auto ends = [&wanted](std::int64_t not_after) {
    return wanted({Kind::chain_member, {}, {}, not_after, {}, {}, {}});
  };
  for_each_served(site,
                  [&](const std::string& place, const cert::Certificate& certificate, tls::Own) {
                    for (const cert::Pair& pair : certificate.pairs) {
                      if (pair.chain_not_after == cert::no_end || !ends(pair.chain_not_after))
                        continue;
                      for (const cert::ChainMember& member : members_of(pair, chains)) {
                        if (ends(member.not_after))
                          members[{member.not_after, member.subject}].add(place);
                      }
                    }
                  });
  Things things;
  for (const auto& [member, users] : members) {
    Thing thing{Kind::chain_member, member.second, users.first, member.first, {}, {}, {}};
    if (users.more > 0)
      thing.detail = "it also stands in " + std::to_string(users.more) + " other chains";
    things.push_back(std::move(thing));
  }
  return things;
}

Things cas_that_end(const tls::Site& site, const std::string& authority, const EndFilter& wanted) {
  Things things;
  const auto add = [&](Thing thing) {
    if (wanted(thing)) things.push_back(std::move(thing));
  };
  if (const auto roots = authority::Directory(authority).load_roots()) {
    add(ca_thing("CN=" + roots->root.common_name, authority + "/root.crt", roots->root.not_after));
    if (roots->next)
      add(ca_thing("CN=" + roots->next->common_name, authority + "/next.crt",
                   roots->next->not_after));
  }
  if (!site.automatic) return things;
  for (const std::string& file : ca_files(site)) {
    const auto text = read_file(file, cert::max_text);
    if (!text) continue;
    const auto inspected = cert::inspect(*text, {}, 0, file);
    if (!inspected) continue;
    for (const auto& each : inspected->certificates)
      add(ca_thing(each.subject, file, each.not_after));
  }
  return things;
}

std::int64_t earliest_end(const tls::Site& site) {
  std::int64_t earliest = cert::no_end;
  for_each_served(site, [&](const std::string&, const cert::Certificate& certificate, tls::Own) {
    earliest = std::min({earliest, certificate.not_after(), certificate.chain_not_after()});
  });
  return earliest;
}

Things files_not_served(const Troubles& troubles, const issuance::Report& report, std::int64_t now,
                        FirstSeen& since) {
  std::map<std::string, std::string> files;  // whose, and what is wrong
  for (const Problem& problem : troubles.all()) {
    if (problem.severity != Severity::error) continue;
    files.emplace(problem.key.empty() ? problem.place.file : problem.key, to_string(problem));
  }
  for (const issuance::ReportedDomain& domain : report.domains) {
    if (!domain.awaited_since) continue;
    if (files.emplace(domain.domain, "a new certificate was put in place and is not in force")
            .second)
      since.emplace(domain.domain, *domain.awaited_since);
  }
  std::erase_if(since, [&files](const auto& seen) { return !files.contains(seen.first); });
  Things things;
  for (auto& [place, text] : files) {
    const std::int64_t seen = since.emplace(place, now).first->second;
    things.push_back({Kind::certificate, {}, place, {}, {}, seen, std::move(text)});
  }
  return things;
}

}  // namespace arbortls::server
