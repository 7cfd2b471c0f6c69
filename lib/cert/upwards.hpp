#pragma once
// What a chain needs beyond its own text: intermediates that are missing, and a way around one that
// has expired.

#include "cert/desk.hpp"
#include "cert/known_issuers.hpp"
#include "cert/load.hpp"
#include "cert/parsed.hpp"

#include <string>
#include <vector>

namespace arbortls::cert {

class Upwards {
 public:
  // `members`: as the text has them, in order, from the leaf's issuer upwards.
  Upwards(const ParsedPtr& leaf, std::vector<ParsedPtr> members, const LoadOptions& options,
          Desk& desk)
      : leaf_(leaf), members_(std::move(members)), options_(options), desk_(desk) {}

  // `has_root`: the text holds the root above the members.
  void finish(bool has_root);

  const std::vector<ParsedPtr>& members() const noexcept { return members_; }
  std::vector<std::string>& warnings() noexcept { return warnings_; }
  NameHash missing_issuer() const noexcept { return missing_; }

 private:
  struct Step {
    ParsedPtr certificate;
    std::string owner;
  };

  const ParsedPtr& top() const noexcept { return members_.empty() ? leaf_ : members_.back(); }
  bool anchored(const ParsedPtr& certificate);
  Step known_issuer_of(const ParsedPtr& subject);
  std::vector<Step> known_way_up(ParsedPtr from);
  void go_around_expired(bool& has_root);
  void go_on_upwards();
  void append(std::vector<Step> steps);
  void warn(std::string text) { warnings_.push_back(std::move(text)); }

  const ParsedPtr& leaf_;
  std::vector<ParsedPtr> members_;
  const LoadOptions& options_;
  Desk& desk_;
  std::vector<std::string> warnings_;
  NameHash missing_ = 0;
};

}  // namespace arbortls::cert
