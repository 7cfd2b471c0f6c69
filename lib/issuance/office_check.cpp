// What can be seen before a CA is asked: a CA counts validations that fail.
#include "issuance/install.hpp"
#include "issuance/office.hpp"
#include "issuance/plan.hpp"

#include "acme/directory.hpp"

#include <memory>
#include <utility>

namespace arbortls::issuance {
namespace {

constexpr const char* mends =
    "; let it lead here, or set `acme_self_check: false` where only the CA can see that it does";

// Collects what is found out about many domains, and tells when the last word is there.
struct Rehearsal {
  explicit Rehearsal(std::function<void(std::vector<Rehearsed>)> then) : told(std::move(then)) {}
  ~Rehearsal() { told(std::move(rows)); }

  std::function<void(std::vector<Rehearsed>)> told;
  std::vector<Rehearsed> rows;
};

std::string directory_trouble(const std::string& url, const Result<acme::Reply>& reply) {
  if (!reply) return reply.error().message;
  if (!reply->ok()) return url + ": answers with status " + std::to_string(reply->status);
  const auto directory = acme::parse_directory(reply->body);
  return directory ? std::string() : url + ": " + directory.error().message;
}

}  // namespace

std::string Office::make_token() {
  static constexpr char letters[] = "0123456789abcdef";
  std::string token = "arbortls-";
  for (int i = 0; i < 32; ++i) token += letters[random_() % 16];
  return token;
}

void Office::check(Case& each, std::shared_ptr<Ca> ca) {
  const std::string token = each.probe = make_token();
  reach(names_of(each.subject.settings), token, [this, domain = each.subject.domain(), token, ca](std::string trouble) {
    const auto found = cases_.find(domain);
    if (stopped_ || found == cases_.end() || found->second.probe != token) return;
    Case& checked = found->second;
    checked.probe.clear();
    if (trouble.empty()) return order(checked, ca);
    fail(checked, {acme::FailureKind::refused, std::move(trouble), {}, {}});
    work();
  });
}

// One name after the other, the last one first.
void Office::reach(std::vector<std::string> names, const std::string& token, Reached told) {
  while (!names.empty() && names.back().starts_with("*.")) names.pop_back();
  if (names.empty()) return told({});
  const std::string name = names.back();
  names.pop_back();
  parts_.challenges->add_token(token, token);
  const acme::Request request{"GET", "http://" + name + std::string(acme::http_01_prefix) + token, "", ""};
  parts_.transport(request, "", [=, this](const Result<acme::Reply>& reply) {
    parts_.challenges->remove_token(token);
    if (stopped_) return;
    if (reply && reply->status == 200 && reply->body == token) return reach(names, token, told);
    const std::string why = reply ? "another server answers, with status " + std::to_string(reply->status)
                                  : reply.error().message;
    told(name + " does not lead to this server's port 80: " + why + mends);
  });
}

void Office::rehearse(std::function<void(std::vector<Rehearsed>)> told) {
  const auto rehearsal = std::make_shared<Rehearsal>(std::move(told));
  const std::int64_t now = parts_.clock();
  rehearsal->rows.reserve(cases_.size());
  for (auto& [domain, each] : cases_) {
    const auto wanted = plan(each.subject, ledger_.domains[domain], now);
    Rehearsed& row = rehearsal->rows.emplace_back();
    row.domain = domain;
    if (!wanted) {
      row.would = "leave it to the operator, who has put his own there";
      continue;
    }
    row.would = (wanted->due <= now ? "make it now: " : "make it later: ") + wanted->reason;
    if (const auto may = can_install(each.subject.file); !may) row.problem = may.error().message;
    if (!row.problem.empty() || each.subject.settings.maker != tls::Maker::acme) continue;
    const std::size_t at = rehearsal->rows.size() - 1;
    const std::string& directory = each.subject.settings.directory;
    const std::vector<std::string> names =
        options_.self_check ? names_of(each.subject.settings) : std::vector<std::string>();
    parts_.transport({"GET", directory, "", ""}, each.subject.settings.ca_file,
                     [this, rehearsal, at, directory, names](const Result<acme::Reply>& reply) {
                       std::string& problem = rehearsal->rows[at].problem;
                       problem = directory_trouble(directory, reply);
                       if (!problem.empty() || stopped_) return;
                       reach(names, make_token(),
                             [rehearsal, at](std::string trouble) { rehearsal->rows[at].problem = std::move(trouble); });
                     });
  }
}

}  // namespace arbortls::issuance
