#include "cert/upwards.hpp"

#include "cert/chain.hpp"
#include "cert/checks.hpp"
#include "cert/material.hpp"
#include "cert/names.hpp"

#include <algorithm>
#include <utility>

namespace arbortls::cert {
namespace {

constexpr std::size_t most_steps = 8;

std::string subject_of(const ParsedPtr& certificate) {
  return '"' + to_text(X509_get_subject_name(certificate->x509.get())) + '"';
}

std::string issuer_of(const ParsedPtr& certificate) {
  return '"' + to_text(X509_get_issuer_name(certificate->x509.get())) + '"';
}

std::string end_of(const ParsedPtr& certificate) {
  return date_text(unix_time(X509_get0_notAfter(certificate->x509.get())));
}

bool has_expired(const ParsedPtr& certificate, std::int64_t now) {
  return unix_time(X509_get0_notAfter(certificate->x509.get())) < now;
}

bool is_fit(const ParsedPtr& issuer, std::int64_t now) {
  X509* x509 = issuer->x509.get();
  return is_valid_at(*issuer, now) && !is_self_signed(x509) && is_ca(x509) &&
         !signature_weakness(x509) && !key_weakness(X509_get0_pubkey(x509));
}

}  // namespace

bool Upwards::anchored(const ParsedPtr& certificate) {
  return desk_.pool().issuers().anchored(*certificate);
}

Upwards::Step Upwards::known_issuer_of(const ParsedPtr& subject) {
  const NameHash name = issuer_hash(subject->x509.get());
  for (KnownIssuer& known : desk_.pool().issuers().of(name)) {
    auto issuer = read_certificate_der(*known.der, desk_);
    if (!issuer || !complete(*issuer)) continue;
    if (is_fit(*issuer, options_.now) && issued(**issuer, *subject))
      return {std::move(*issuer), std::move(known.owner)};
  }
  return {};
}

// Ends below a root that this machine trusts, or where nothing more is known.
std::vector<Upwards::Step> Upwards::known_way_up(ParsedPtr from) {
  std::vector<Step> steps;
  while (steps.size() < most_steps && !anchored(from)) {
    Step next = known_issuer_of(from);
    const bool circle = next.certificate && std::any_of(steps.begin(), steps.end(), [&](auto& s) {
      return s.certificate->sha256 == next.certificate->sha256;
    });
    if (!next.certificate || circle) break;
    from = next.certificate;
    steps.push_back(std::move(next));
  }
  return steps;
}

void Upwards::append(std::vector<Step> steps) {
  for (Step& step : steps) {
    const std::string what = subject_of(step.certificate) + ", which is known from " +
                             (step.owner.empty() ? "another text" : step.owner);
    if (options_.complete_chains) {
      warn("the chain lacks " + what + "; it is served with it (complete_chains)");
      members_.push_back(std::move(step.certificate));
    } else {
      warn("the chain lacks " + what + "; add it to the text, or set complete_chains");
    }
  }
}

void Upwards::go_around_expired(bool& has_root) {
  const auto expired = std::find_if(members_.begin(), members_.end(), [&](const ParsedPtr& m) {
    return has_expired(m, options_.now);
  });
  if (expired == members_.end()) return;
  const ParsedPtr below = expired == members_.begin() ? leaf_ : *(expired - 1);
  const std::string what = "the chain's certificate " + subject_of(*expired) + " expired on " +
                           end_of(*expired) + " (its issuer is " + issuer_of(*expired) + ")";
  auto other_way = anchored(below) ? std::vector<Step>() : known_way_up(below);
  const bool cut = anchored(below) || (!other_way.empty() && options_.complete_chains);
  if (!cut) {
    warn(what);
    if (other_way.empty()) missing_ = issuer_hash(below->x509.get());
    return append(std::move(other_way));
  }
  warn(what + "; it is left out, since there is another way");
  members_.erase(expired, members_.end());
  has_root = true;
  append(std::move(other_way));
}

void Upwards::go_on_upwards() {
  if (anchored(top())) return;
  auto steps = known_way_up(top());
  if (steps.empty()) {
    missing_ = issuer_hash(top()->x509.get());
    if (members_.empty()) {
      warn("the chain is missing: the certificate of the issuer " + issuer_of(leaf_) +
           " is not in the text");
    }
  }
  append(std::move(steps));
}

void Upwards::finish(bool has_root) {
  go_around_expired(has_root);
  if (!has_root && !is_self_signed(top()->x509.get())) go_on_upwards();
}

}  // namespace arbortls::cert
